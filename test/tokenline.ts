/** The command line as a person or a script runs it against a system under test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import { root } from './root.js';
import type { System } from './system.js';

const cli = join(root, 'services/cli/bin/tokenline.js');

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Begun {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
}

/** Starts `tokenline` with these arguments; who wants to may kill it. */
export function beginTokenline(system: System, args: readonly string[], env: NodeJS.ProcessEnv = {}): Begun {
  const child = spawn(process.execPath, [cli, ...args], { env: { ...system.env, ...env } });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.err += chunk;
  });
  return { child, ended: new Promise((done) => child.on('close', (code) => done({ code, ...said }))) };
}

export function tokenline(system: System, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ran> {
  return beginTokenline(system, args, env).ended;
}

/** Fails unless every invariant holds, once what is on its way has arrived. */
export async function expectAllRight(system: System): Promise<void> {
  const { code, out, err } = await tokenline(system, ['verify', '--wait', '60']);
  const wrong = `${out}${err}`.split('\n').filter((line) => !line.startsWith('holds'));
  expect(code, wrong.join('\n')).toBe(0);
}

/** The environment of a process that is to have one of the bugs of mutation.js. */
export function withMutation(name: string): NodeJS.ProcessEnv {
  const file = pathToFileURL(join(import.meta.dirname, 'mutation.js')).href;
  return { NODE_OPTIONS: `--import=${file}`, TOKENLINE_TEST_MUTATION: name };
}
