/*
 * The per-user cache of fetched servers.
 *
 *   <cache>/<part>-<version>-<digest of its pins>/   one unpacked package, complete from the moment it exists
 *   <cache>/<...>/manifest.json                      size, time and SHA-256 of each of its files
 *   <cache>/.partial-*                               a fetch under way, or one that was killed
 *
 * A package folder appears by rename after its files were checked against the pins, so there is nothing half usable.
 * Later starts compare sizes and times with the manifest and hash only the files where those differ.
 */
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { sha256Of } from './checksums.js';
import { type PackagePins, pinsDigest } from './packages.js';
import type { StackPart } from './parts.js';

export type CacheState =
  | { readonly state: 'absent' }
  | { readonly state: 'complete' }
  | { readonly state: 'damaged'; readonly file: string; readonly expected: string; readonly actual: string };

interface ManifestEntry {
  readonly size: number;
  readonly modifiedMs: number;
  readonly sha256: string;
}

type Manifest = Readonly<Record<string, ManifestEntry>>;

const manifestName = 'manifest.json';
export const partialPrefix = '.partial-';

export function cacheFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): string {
  if (env.TOKENLINE_CACHE) return env.TOKENLINE_CACHE;
  const home = env.HOME ?? homedir();
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'tokenline');
  return join(env.XDG_CACHE_HOME ? env.XDG_CACHE_HOME : join(home, '.cache'), 'tokenline');
}

export function packageFolder(cache: string, part: StackPart, pins: PackagePins): string {
  return join(cache, `${part}-${pins.version}-${pinsDigest(pins).slice(0, 12)}`);
}

export async function checkPackage(folder: string): Promise<CacheState> {
  const manifest = await readManifest(folder);
  if (manifest === undefined) return { state: 'absent' };
  for (const [file, entry] of Object.entries(manifest)) {
    const path = join(folder, file);
    const found = await stat(path).catch(() => undefined);
    if (found?.size === entry.size && found.mtimeMs === entry.modifiedMs) continue;
    const actual = found === undefined ? 'missing' : await sha256Of(path);
    if (actual !== entry.sha256) return { state: 'damaged', file, expected: entry.sha256, actual };
  }
  return { state: 'complete' };
}

/** Turns a checked and unpacked folder into the package; the last step of a fetch. */
export async function publishPackage(prepared: string, folder: string): Promise<void> {
  await writeManifest(prepared);
  await rm(folder, { recursive: true, force: true });
  await rename(prepared, folder);
}

/** Removes what killed fetches left; only for who holds the cache's lock. */
export async function removePartials(cache: string): Promise<void> {
  const leftovers = (await readdir(cache)).filter((name) => name.startsWith(partialPrefix));
  for (const name of leftovers) await rm(join(cache, name), { recursive: true, force: true });
}

async function writeManifest(folder: string): Promise<void> {
  const manifest: Record<string, ManifestEntry> = {};
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const { size, mtimeMs } = await stat(path);
    manifest[path.slice(folder.length + 1)] = { size, modifiedMs: mtimeMs, sha256: await sha256Of(path) };
  }
  await writeFile(join(folder, manifestName), `${JSON.stringify(manifest, undefined, 1)}\n`);
}

async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, manifestName), 'utf8')) as Manifest;
  } catch {
    return undefined;
  }
}
