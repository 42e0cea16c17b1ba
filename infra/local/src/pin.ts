/*
 * Writes new pins: `node infra/local/dist/pin.js kafka` fetches what packages.json names for Kafka now and puts the
 * SHA-256 of every file that arrives in place of the old ones. The difference is for a person to read before it is
 * committed.
 */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256Of } from './checksums.js';
import { download } from './fetch-package.js';
import { loadPackages, nameOf, type Packages, packagesFile } from './packages.js';
import { type StackPart, stackParts } from './parts.js';
import { createProcessGroup } from './process-group.js';

const parts = stackParts.filter((part) => process.argv.includes(part));
if (parts.length === 0) throw new Error(`Name what to pin: ${stackParts.join(', ')}`);

const processes = createProcessGroup();
const packages: Record<StackPart, Packages[StackPart]> = { ...loadPackages() };
const folder = await mkdtemp(join(tmpdir(), 'tokenline-pin-'));
try {
  for (const part of parts) {
    const into = join(folder, part);
    await download(part, packages[part], into, { env: process.env, processes });
    const files: Record<string, string> = {};
    for (const file of (await readdir(into)).sort()) files[file] = await sha256Of(join(into, file));
    packages[part] = { ...packages[part], files };
    console.log(`${nameOf(packages[part])}: ${Object.keys(files).length} files pinned`);
  }
  await writeFile(packagesFile, `${JSON.stringify(packages, undefined, 2)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
  await processes.stopAll();
}
