import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach } from 'vitest';

const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'tokenline-test-')));
  folders.push(folder);
  return folder;
}

export async function writeIn(folder: string, name: string, content: string): Promise<string> {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  return file;
}

/** A command of our own making: `script` is what /bin/sh runs. */
export async function fakeTool(folder: string, name: string, script: string): Promise<string> {
  const file = await writeIn(folder, name, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}
