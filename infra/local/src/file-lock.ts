/*
 * A lock that is a file: `{ pid, identity, processes }` of who holds it.
 *
 * It appears whole or not at all (written aside, then linked into place) and is never broken by age, only when the very
 * process that made it no longer runs. Taking a stale one away goes by rename, and the renamed file is looked at once
 * more: had another process been quicker, its fresh lock is put back.
 */
import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isSameProcess, processIdentity } from './process-identity.js';

export interface RecordedProcess {
  readonly name: string;
  readonly pid: number;
  readonly identity: string;
  /** Lower phases stop first. */
  readonly stopPhase: number;
}

export interface LockRecord {
  readonly pid: number;
  readonly identity: string;
  /** What else has to be gone before the thing that was locked is free. */
  readonly processes: readonly RecordedProcess[];
}

export interface FileLock {
  record(processes: readonly RecordedProcess[]): Promise<void>;
  release(): Promise<void>;
}

export type LockOutcome =
  | { readonly taken: true; readonly lock: FileLock }
  | { readonly taken: false; readonly holder: LockRecord; readonly alive: boolean };

export async function tryLock(file: string): Promise<LockOutcome> {
  const own: LockRecord = { pid: process.pid, identity: processIdentity(process.pid) ?? '', processes: [] };
  await mkdir(dirname(file), { recursive: true });
  for (;;) {
    if (await place(file, own)) return { taken: true, lock: heldLock(file, own) };
    const holder = await readLock(file);
    // Released between our look and theirs.
    if (holder === undefined) continue;
    return { taken: false, holder, alive: isSameProcess(holder.pid, holder.identity) };
  }
}

/** Takes away the lock of a process that is gone. */
export async function removeStaleLock(file: string, stale: LockRecord): Promise<void> {
  const aside = besides(file);
  try {
    await rename(file, aside);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    throw error;
  }
  const removed = await readLock(aside);
  if (removed !== undefined && !sameHolder(removed, stale)) await link(aside, file).catch(() => {});
  await rm(aside, { force: true });
}

async function place(file: string, own: LockRecord): Promise<boolean> {
  const aside = besides(file);
  await writeFile(aside, JSON.stringify(own));
  try {
    await link(aside, file);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

function heldLock(file: string, own: LockRecord): FileLock {
  let released = false;
  // One write after the other, or an older list could overwrite a newer one.
  let writes: Promise<void> = Promise.resolve();
  return {
    record(processes) {
      writes = writes.then(async () => {
        if (released) return;
        const aside = besides(file);
        await writeFile(aside, JSON.stringify({ ...own, processes }));
        await rename(aside, file);
      });
      return writes;
    },
    async release() {
      released = true;
      await writes;
      const current = await readLock(file);
      if (current !== undefined && sameHolder(current, own)) await rm(file, { force: true });
    },
  };
}

/** An unreadable lock counts as one whose holder is gone: ours are never half written. */
async function readLock(file: string): Promise<LockRecord | undefined> {
  try {
    const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isLockRecord(parsed) ? parsed : nobody;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    if (error instanceof SyntaxError) return nobody;
    throw error;
  }
}

const nobody: LockRecord = { pid: 0, identity: 'nobody', processes: [] };

function isLockRecord(value: unknown): value is LockRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pid' in value &&
    typeof value.pid === 'number' &&
    'identity' in value &&
    typeof value.identity === 'string' &&
    'processes' in value &&
    Array.isArray(value.processes)
  );
}

function sameHolder(a: LockRecord, b: LockRecord): boolean {
  return a.pid === b.pid && a.identity === b.identity;
}

function besides(file: string): string {
  return `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
