import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type EnsureContext, ensurePackages } from './ensure-packages.js';
import { localErrors } from './errors.js';
import type { Home } from './home.js';
import { kafkaServer } from './kafka.js';
import { mongodbServer } from './mongodb.js';
import { loadPackages } from './packages.js';
import type { StackPart } from './parts.js';
import type { Ports } from './ports.js';
import { registryServer } from './registry.js';
import type { Server } from './server.js';
import { findMongod, requireJava } from './tools.js';

export interface Assembly extends EnsureContext {
  readonly parts: readonly StackPart[];
  readonly home: Home;
  readonly ports: Ports;
  readonly kafkaBrokers: readonly string[];
}

const glibcLoader = '/lib64/ld-linux-x86-64.so.2';

/** Finds or fetches what the parts need (Java, a mongod, packages) and describes how each is run. */
export async function assembleServers(assembly: Assembly): Promise<readonly Server[]> {
  const { parts, env, home, ports, kafkaBrokers } = assembly;
  if (process.platform === 'win32' && parts.length > 0) throw localErrors.noServersForPlatform('Windows', parts);

  const onJava = parts.filter((part) => part !== 'mongodb');
  const java = onJava.length === 0 ? '' : await requireJava(env, onJava);
  const ownMongod = parts.includes('mongodb') ? await findMongod(env) : undefined;
  if (parts.includes('mongodb') && ownMongod === undefined) requireMongodPlatform();

  const packages = assembly.packages ?? loadPackages();
  const toFetch = parts.filter((part) => part !== 'mongodb' || ownMongod === undefined);
  const folders = await ensurePackages(toFetch, { ...assembly, packages });

  const describe = (part: StackPart): Server => {
    const folder = folders[part] ?? '';
    switch (part) {
      case 'kafka':
        return kafkaServer({ home, package: folder, java, env, port: ports.kafka, controllerPort: ports.controller });
      case 'registry': {
        const { version } = packages.registry;
        return registryServer({ home, package: folder, version, java, env, port: ports.registry, kafkaBrokers });
      }
      case 'mongodb':
        return mongodbServer({ home, mongod: ownMongod ?? join(folder, 'bin', 'mongod'), env, port: ports.mongodb });
    }
  };
  return parts.map(describe);
}

/** The packaged mongod is built for Linux on x86-64 with glibc and OpenSSL 3. */
function requireMongodPlatform(): void {
  const platform = `${process.platform}-${process.arch}`;
  if (platform !== 'linux-x64') throw localErrors.noMongodForPlatform(platform);
  if (!existsSync(glibcLoader)) throw localErrors.noMongodForPlatform(`${platform} without glibc`);
}
