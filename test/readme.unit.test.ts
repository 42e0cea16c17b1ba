/** The README stays true: its links lead somewhere, and its table names every library we use. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

function packagesIn(folder: string): string[] {
  return readdirSync(join(root, folder))
    .map((name) => `${folder}/${name}/package.json`)
    .filter((file) => existsSync(join(root, file)));
}

it('links to files that exist', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path as string);
  expect(links.length).toBeGreaterThan(5);
  expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

it('names every third-party library with a line on why', () => {
  const manifests = ['package.json', 'schemas/package.json', 'test/package.json'].concat(
    packagesIn('libs'),
    packagesIn('services'),
    packagesIn('infra'),
  );
  const used = manifests.flatMap((file) => {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(join(root, file), 'utf8')) as {
      dependencies?: object;
      devDependencies?: object;
    };
    return Object.keys({ ...dependencies, ...devDependencies });
  });
  const thirdParty = [...new Set(used)].filter((name) => !/^@(tokenline|types)\//.test(name));
  const table = readme.slice(readme.search(/^\| library /m));
  const named = new Set(
    [...table.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, cell]) => (cell as string).trim().split(', ')),
  );
  expect(thirdParty.filter((name) => !named.has(name))).toEqual([]);
  expect(
    [...named].filter((name) => !thirdParty.includes(name) && !['library'].includes(name) && !/^-+$/.test(name)),
  ).toEqual([]);
});
