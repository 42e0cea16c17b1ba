import { readFile } from 'node:fs/promises';
import { CliError } from './errors.js';
import type { Io } from './io.js';

/** The text of a file, or of standard input for `-`. Throws CliError when it cannot be read. */
export async function readInput(io: Io, file: string): Promise<string> {
  if (file === '-') return io.readStdin();
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new CliError(`There is no file ${file}.`);
    throw new CliError(`${file} cannot be read: ${code ?? (error as Error).message}.`);
  }
}
