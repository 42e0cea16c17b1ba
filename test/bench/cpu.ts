/**
 * What processes have cost, from /proc: processor time tells the cost of a message even where other work disturbs the clock. Linux only;
 * times come in hundredths of a second, so measure at least some tenths.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Processor time a process has used so far, user and kernel, all threads, ms; 0 once it is gone. */
export function cpuMs(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  // After the command's name, which may hold blanks: field 3 is the state, 14 and 15 are utime and stime in ticks of 10 ms.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return stat === '' ? 0 : (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Memory of a process that is no file's, MiB. */
export function anonymousMiB(pid: number): number {
  const found = /^RssAnon:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1];
  if (found === undefined) throw new Error(`Process ${pid} does not tell its memory.`);
  return Number(found) / 2 ** 10;
}

export type Pids = Readonly<Record<string, number>>;

/** Starts to measure; the function it gives tells the processor time used since, ms, by name. */
export function measureCpu(pids: Pids): () => Record<string, number> {
  const before = Object.entries(pids).map(([name, pid]) => [name, pid, cpuMs(pid)] as const);
  return () => Object.fromEntries(before.map(([name, pid, ms]) => [name, cpuMs(pid) - ms]));
}

/** Who listens on a port of this machine, if it is a process we may look into. */
export function listenerOn(port: number): number | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const inodes = new Set(
    ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
      read(file)
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        // 0A is LISTEN.
        .filter(([, local = '', , state]) => local.endsWith(`:${hex}`) && state === '0A')
        .map((fields) => `socket:[${fields[9]}]`),
    ),
  );
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => linksIn(`/proc/${pid}/fd`).some((link) => inodes.has(link)));
}

function linksIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).map((name) => {
      try {
        return readlinkSync(`${folder}/${name}`);
      } catch {
        return '';
      }
    });
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
