import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { StackPart } from './parts.js';

/** Where things lie under TOKENLINE_HOME. */
export interface Home {
  readonly path: string;
  readonly data: string;
  /** Files written anew at every start: the lock and generated configuration. */
  readonly run: string;
  readonly lockFile: string;
  dataOf(part: 'kafka' | 'mongodb'): string;
  logOf(part: StackPart): string;
}

export function homeAt(path: string): Home {
  const root = resolve(path);
  return {
    path: root,
    data: join(root, 'data'),
    run: join(root, 'run'),
    lockFile: join(root, 'run', 'stack.lock'),
    dataOf: (part) => join(root, 'data', part),
    logOf: (part) => join(root, 'logs', `${part}.log`),
  };
}

/** Makes the folders; with `fresh` the data of earlier starts goes first. Only for who holds the home's lock. */
export async function prepareHome(home: Home, fresh: boolean): Promise<void> {
  if (fresh) await rm(home.data, { recursive: true, force: true });
  for (const folder of [home.run, home.dataOf('kafka'), home.dataOf('mongodb'), join(home.path, 'logs')]) {
    await mkdir(folder, { recursive: true });
  }
}
