/**
 * The local outbox: where the notifier leaves notices in local mode, one file each, for people to read (services/notifier/src/channels/outbox.ts).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Letters in the outbox by notice id, which each names in a line of its head. Empty when there is no outbox. */
export function readOutbox(home: string): ReadonlyMap<string, string> {
  const folder = join(home, 'outbox');
  const letters = new Map<string, string>();
  for (const name of namesIn(folder)) {
    const letter = readFileSync(join(folder, name), 'utf8');
    const id = /^Notice: (.+)$/m.exec(letter)?.[1];
    if (id !== undefined) letters.set(id, letter);
  }
  return letters;
}

function namesIn(folder: string): string[] {
  try {
    // What starts with a dot is still being written.
    return readdirSync(folder).filter((name) => name.endsWith('.txt') && !name.startsWith('.'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
