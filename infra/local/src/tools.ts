import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { localErrors } from './errors.js';
import type { StackPart } from './parts.js';

const oldestJava = 17;
const oldestMongod = 6;

/** The Java to run servers with: JAVA_HOME's if it is new enough, else the one on the PATH. */
export async function requireJava(env: NodeJS.ProcessEnv, parts: readonly StackPart[]): Promise<string> {
  const fromHome = env.JAVA_HOME === undefined ? undefined : join(env.JAVA_HOME, 'bin', 'java');
  for (const java of [fromHome, findOnPath('java', env)]) {
    if (java === undefined) continue;
    const version = await majorVersion(java, ['-version'], /version "(\d+)/, env);
    if (version !== undefined && version >= oldestJava) return java;
  }
  throw localErrors.toolMissing(`Java ${oldestJava} or newer`, parts, 'run');
}

export function requireMaven(env: NodeJS.ProcessEnv, parts: readonly StackPart[]): string {
  const mvn = findOnPath('mvn', env);
  if (mvn === undefined) throw localErrors.toolMissing('Maven (mvn)', parts, 'fetch');
  return mvn;
}

export function requirePython(env: NodeJS.ProcessEnv): string {
  const python = findOnPath('python3', env);
  if (python === undefined) throw localErrors.toolMissing('Python 3 (python3)', ['mongodb'], 'fetch');
  return python;
}

/** A mongod that is already here: the one TOKENLINE_MONGOD names, else one on the PATH that is new enough. */
export async function findMongod(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const named = env.TOKENLINE_MONGOD?.trim();
  if (named !== undefined && named !== '') {
    if (!isExecutable(named)) throw localErrors.mongodUnusable(named, 'is not an executable file');
    if (!(await isNewMongod(named, env))) throw localErrors.mongodUnusable(named, 'is not a mongod 6.0 or newer');
    return named;
  }
  const onPath = findOnPath('mongod', env);
  return onPath !== undefined && (await isNewMongod(onPath, env)) ? onPath : undefined;
}

async function isNewMongod(mongod: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const version = await majorVersion(mongod, ['--version'], /db version v(\d+)/, env);
  return version !== undefined && version >= oldestMongod;
}

export function findOnPath(name: string, env: NodeJS.ProcessEnv): string | undefined {
  return (env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Undefined when the tool doesn't run or says something else, like the `java` of macOS that only offers a download. */
function majorVersion(
  command: string,
  args: readonly string[],
  pattern: RegExp,
  env: NodeJS.ProcessEnv,
): Promise<number | undefined> {
  return new Promise((resolve) => {
    execFile(command, args, { env, timeout: 20_000 }, (_error, stdout, stderr) => {
      const major = pattern.exec(`${stdout}\n${stderr}`)?.[1];
      resolve(major === undefined ? undefined : Number(major));
    });
  });
}
