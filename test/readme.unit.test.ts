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

it('and those of folders name every variable of the configuration', () => {
  const readmes = ['', 'infra/', ...readdirSync(join(root, 'services')).map((name) => `services/${name}/`)]
    .map((folder) => join(root, folder, 'README.md'))
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  const runtime = join(root, 'libs/runtime/src');
  const sources = readdirSync(runtime).filter((name) => name.endsWith('.ts') && !name.includes('.test.'));
  const variables = sources.flatMap(
    (name) => readFileSync(join(runtime, name), 'utf8').match(/TOKENLINE_[A-Z_]+[A-Z]/g) ?? [],
  );
  expect(new Set(variables).size).toBeGreaterThan(25);
  expect([...new Set(variables)].filter((name) => !new RegExp(`${name}(?![A-Z_])`).test(readmes))).toEqual([]);
});
