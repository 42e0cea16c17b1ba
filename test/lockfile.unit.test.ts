/**
 * The lock file works on every platform we name and says nothing about where it was made. A lock file written on Linux can lose the
 * native binaries of other platforms; `npm ci` would then fail there.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const { packages } = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
  packages: Record<string, Locked>;
};

describe('the lock file', () => {
  it.each(['@biomejs/biome', 'turbo', 'lmdb', 'rolldown'])('names the binary of every platform of %s', (name) => {
    const binaries = Object.keys(packages[`node_modules/${name}`]?.optionalDependencies ?? {});
    expect(binaries.length).toBeGreaterThan(3);
    expect(binaries.filter((binary) => packages[`node_modules/${binary}`]?.version === undefined)).toEqual([]);
  });

  it('carries no address a package was fetched from', () => {
    const fetched = Object.entries(packages).filter(
      ([, { resolved, link }]) => resolved !== undefined && link !== true,
    );
    expect(fetched).toEqual([]);
  });
});
