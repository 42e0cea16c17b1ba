/** The repository's root, found from wherever this file runs: as a source, or compiled in dist/. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const root = rootAbove(import.meta.dirname);

function rootAbove(folder: string): string {
  if (existsSync(join(folder, 'turbo.json'))) return folder;
  if (folder === dirname(folder)) throw new Error('The repository was not found above this file.');
  return rootAbove(dirname(folder));
}
