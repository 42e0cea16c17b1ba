import { mkdir, readdir, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheFolder, checkPackage, publishPackage, removePartials } from './cache.js';
import { requirePinned, sha256Of } from './checksums.js';
import type { PackagePins } from './packages.js';
import { temporaryFolder, writeIn } from './testing/temporary.js';

const helloSha256 = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';

const pins: PackagePins = {
  title: 'Thing',
  version: '1.0',
  from: 'Maven Central',
  megabytes: 1,
  coordinates: ['a:thing:1.0'],
  files: { 'thing.jar': helloSha256 },
};

async function publishedPackage(): Promise<string> {
  const cache = await temporaryFolder();
  const prepared = join(cache, '.partial-thing');
  await writeIn(prepared, 'libs/thing.jar', 'hello');
  const folder = join(cache, 'thing');
  await publishPackage(prepared, folder);
  return folder;
}

describe('files that were fetched', () => {
  it('pass when they are the pinned ones', async () => {
    const folder = await temporaryFolder();
    const file = await writeIn(folder, 'thing.jar', 'hello');
    expect(await sha256Of(file)).toBe(helloSha256);
    await expect(requirePinned(folder, pins)).resolves.toBeUndefined();
  });

  it('are refused with name, expected and actual SHA-256 when one differs', async () => {
    const folder = await temporaryFolder();
    const actual = await sha256Of(await writeIn(folder, 'thing.jar', 'hullo'));
    await expect(requirePinned(folder, pins)).rejects.toMatchObject({
      code: 'CHECKSUM_MISMATCH',
      problem: `thing.jar has SHA-256 ${actual}, but infra/local/packages.json pins ${helloSha256}`,
    });
  });

  it('are refused when one is missing or nobody pinned it', async () => {
    const folder = await temporaryFolder();
    await writeIn(folder, 'other.jar', 'hello');
    await expect(requirePinned(folder, pins)).rejects.toThrow('missing: thing.jar; not pinned: other.jar');
  });
});

describe('a package in the cache', () => {
  it('is absent without its manifest', async () => {
    expect(await checkPackage(await temporaryFolder())).toEqual({ state: 'absent' });
  });

  it('is complete as published, also after its files were touched', async () => {
    const folder = await publishedPackage();
    expect(await checkPackage(folder)).toEqual({ state: 'complete' });
    await utimes(join(folder, 'libs/thing.jar'), new Date(0), new Date(0));
    expect(await checkPackage(folder)).toEqual({ state: 'complete' });
  });

  it('is damaged when a file has other content of the same length', async () => {
    const folder = await publishedPackage();
    await rm(join(folder, 'libs/thing.jar'));
    const actual = await sha256Of(await writeIn(folder, 'libs/thing.jar', 'jello'));
    // A new file may carry the old one's time to the tick.
    await utimes(join(folder, 'libs/thing.jar'), new Date(), new Date(1));
    expect(await checkPackage(folder)).toEqual({
      state: 'damaged',
      file: 'libs/thing.jar',
      expected: helloSha256,
      actual,
    });
  });

  it('is damaged when a file is missing', async () => {
    const folder = await publishedPackage();
    await rm(join(folder, 'libs/thing.jar'));
    expect(await checkPackage(folder)).toMatchObject({ state: 'damaged', actual: 'missing' });
  });

  it('takes the place of a damaged one', async () => {
    const folder = await publishedPackage();
    await writeIn(folder, 'libs/thing.jar', 'something longer');
    const prepared = `${folder}.again`;
    await writeIn(prepared, 'libs/thing.jar', 'hello');
    await publishPackage(prepared, folder);
    expect(await checkPackage(folder)).toEqual({ state: 'complete' });
  });
});

describe('the cache', () => {
  it('loses what killed fetches left and keeps everything else', async () => {
    const cache = await temporaryFolder();
    await mkdir(join(cache, '.partial-kafka-x1'));
    await mkdir(join(cache, 'kafka-4.1.1'));
    await removePartials(cache);
    expect(await readdir(cache)).toEqual(['kafka-4.1.1']);
  });

  it.each([
    [{ TOKENLINE_CACHE: '/c', XDG_CACHE_HOME: '/x', HOME: '/h' }, 'linux', '/c'],
    [{ XDG_CACHE_HOME: '/x', HOME: '/h' }, 'linux', '/x/tokenline'],
    [{ HOME: '/h' }, 'linux', '/h/.cache/tokenline'],
    [{ HOME: '/h', XDG_CACHE_HOME: '/x' }, 'darwin', '/h/Library/Caches/tokenline'],
  ] as const)('for %j on %s is %s', (env, platform, folder) => {
    expect(cacheFolder(env, platform)).toBe(folder);
  });
});
