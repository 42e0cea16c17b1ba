/** Which processes of this machine belong to a home: their environment or command line names it. Linux only (/proc). */
import { readdirSync, readFileSync } from 'node:fs';

export interface FoundProcess {
  readonly pid: number;
  readonly command: string;
}

/** Living processes, zombies left out, whose environment or command line mentions `mark`; this process is never among them. */
export function processesOf(mark: string): FoundProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      const command = read(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim();
      const mentions = command.includes(mark) || read(`/proc/${name}/environ`).includes(mark);
      return mentions && command !== '' ? [{ pid: Number(name), command: command.slice(0, 120) }] : [];
    });
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
