/**
 * `<home>/run.json`: what a running `tokenline up` tells other commands, so that they find it without any settings.
 * Readable by its owner only: addresses of configured servers may carry credentials. Sealing keys are not in it.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServiceName } from '@tokenline/runtime';

export interface RunFile {
  readonly pid: number;
  readonly startedAt: string;
  readonly host: string;
  readonly ports: Readonly<Record<ServiceName, number>>;
  readonly kafkaBrokers: string;
  readonly schemaRegistryUrl: string;
  readonly mongodbUri: string;
  readonly prefix: string;
}

/** services/cli/dist/run-file.js (or src/) → the repository. */
const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/** The folder everything local lies in: TOKENLINE_HOME, else `.tokenline` in the repository, wherever one stands. */
export function homeOf(env: NodeJS.ProcessEnv): string {
  const given = env.TOKENLINE_HOME?.trim();
  if (given === undefined || given === '') return join(repository, '.tokenline');
  return isAbsolute(given) ? given : resolve(given);
}

export function runFilePath(home: string): string {
  return join(home, 'run.json');
}

export function writeRunFile(home: string, run: RunFile): void {
  mkdirSync(home, { recursive: true });
  const partial = `${runFilePath(home)}.${process.pid}`;
  writeFileSync(partial, `${JSON.stringify(run, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(partial, runFilePath(home));
}

/** Removes the file, when it is this process's. */
export function removeRunFile(home: string): void {
  if (readRunFile(home)?.pid === process.pid) rmSync(runFilePath(home), { force: true });
}

/** What is running in this home; undefined when nothing is, or when what wrote the file is gone. */
export function readRunFile(home: string): RunFile | undefined {
  let run: RunFile;
  try {
    run = JSON.parse(readFileSync(runFilePath(home), 'utf8')) as RunFile;
  } catch {
    return undefined;
  }
  return isAlive(run.pid) ? run : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
