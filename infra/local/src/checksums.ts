import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { localErrors } from './errors.js';
import { nameOf, type PackagePins } from './packages.js';

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** Throws unless the folder holds exactly the pinned files with exactly the pinned content. */
export async function requirePinned(folder: string, pins: PackagePins): Promise<void> {
  const present = (await readdir(folder)).sort();
  const pinned = Object.keys(pins.files);
  const missing = pinned.filter((file) => !present.includes(file));
  const extra = present.filter((file) => !pinned.includes(file));
  if (missing.length > 0 || extra.length > 0) throw localErrors.unpinnedFiles(nameOf(pins), missing, extra);
  for (const [file, expected] of Object.entries(pins.files)) {
    const actual = await sha256Of(join(folder, file));
    if (actual !== expected) throw localErrors.checksumMismatch(file, expected, actual);
  }
}
