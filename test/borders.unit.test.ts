/** Every border rule can fail: a small tree with one planted violation for each is judged by the real rules. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const config = join(root, '.dependency-cruiser.cjs');
const ruleNames = (createRequire(import.meta.url)(config) as { forbidden: { name: string }[] }).forbidden.map(
  (rule) => rule.name,
);

/** Rule → a file that breaks it. */
const planted: Readonly<Record<string, readonly [path: string, text: string]>> = {
  'no-cycles': ['libs/store/src/a.ts', `import './b.js'; export const a = 1;`],
  resolvable: ['libs/store/src/lost.ts', `import './nowhere.js';`],
  'domain-is-pure': ['libs/domain/src/clock.ts', `import { hrtime } from 'node:process'; export const now = hrtime;`],
  'domain-test-tools-generate': ['libs/domain/src/testing/tool.ts', `import '@tokenline/streams';`],
  'domain-without-test-tools': ['libs/domain/src/shipped.ts', `import './testing/made.js';`],
  'domain-tests-stay-small': ['libs/domain/src/x.unit.test.ts', `import '@tokenline/streams';`],
  'libs-below-services': ['libs/store/src/up.ts', `import '@tokenline/ingest';`],
  'schemas-at-the-bottom': ['schemas/src/up.ts', `import '@tokenline/streams';`],
  'infra-stands-alone': ['infra/local/src/up.ts', `import '@tokenline/streams';`],
  'services-apart': ['services/query/src/peek.ts', `import '@tokenline/ingest';`],
  'services-not-on-test': ['services/query/src/help.ts', `import '@tokenline/test';`],
  'local-stack-for-cli-and-tests': ['services/query/src/servers.ts', `import '@tokenline/local';`],
  'test-from-outside': ['test/inside.ts', `import '@tokenline/ingest';`],
  'through-the-front-door': ['services/query/src/deep.ts', `import '../../../libs/streams/src/index.js';`],
  'kafkajs-behind-streams': [
    'services/ingest/src/direct.ts',
    `import { Kafka } from 'kafkajs'; export const k = Kafka;`,
  ],
  'registry-client-behind-contracts': ['services/ingest/src/avro.ts', `import 'avsc';`],
  'sealing-behind-sealing': ['services/ingest/src/jwe.ts', `import 'jose';`],
  'mongodb-behind-store': [
    'services/ingest/src/db.ts',
    `import { MongoClient } from 'mongodb'; export const m = MongoClient;`,
  ],
  'declared-dependencies': ['services/ingest/src/undeclared.ts', `import 'pino';`],
};

/** Allowed neighbours of the violations: these must stay unreported. */
const allowed: readonly (readonly [path: string, text: string])[] = [
  ['libs/store/src/b.ts', `import './a.js'; export const b = 1;`],
  ['libs/streams/src/index.ts', `import { Kafka } from 'kafkajs'; export const k = Kafka;`],
  ['libs/domain/src/machine.ts', `import 'xstate';`],
  ['libs/domain/src/testing/made.ts', `import '../machine.js';`],
  [
    'services/ingest/src/index.ts',
    `import '@tokenline/streams'; import type { Db } from 'mongodb'; export type D = Db;`,
  ],
  ['services/cli/src/up.ts', `import '@tokenline/local';`],
  ['infra/local/src/index.ts', `export const start = 1;`],
  ['test/index.ts', `import '@tokenline/local'; import '@tokenline/streams';`],
];

const packages = {
  'libs/streams': { name: '@tokenline/streams', dependencies: { kafkajs: '*' } },
  'libs/store': { name: '@tokenline/store', dependencies: { '@tokenline/ingest': '*' } },
  'libs/domain': { name: '@tokenline/domain', dependencies: { xstate: '*', '@tokenline/streams': '*' } },
  'infra/local': { name: '@tokenline/local', dependencies: { '@tokenline/streams': '*' } },
  schemas: { name: '@tokenline/schemas', dependencies: { '@tokenline/streams': '*' } },
  'services/ingest': {
    name: '@tokenline/ingest',
    dependencies: { '@tokenline/streams': '*', kafkajs: '*', avsc: '*', jose: '*', mongodb: '*' },
  },
  'services/query': {
    name: '@tokenline/query',
    dependencies: { '@tokenline/ingest': '*', '@tokenline/test': '*', '@tokenline/local': '*' },
  },
  'services/cli': { name: '@tokenline/cli', dependencies: { '@tokenline/local': '*' } },
  test: {
    name: '@tokenline/test',
    dependencies: { '@tokenline/ingest': '*', '@tokenline/local': '*', '@tokenline/streams': '*' },
  },
} as const;

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

const tree = realpathSync(mkdtempSync(join(tmpdir(), 'tokenline-borders-')));
let violations: readonly Violation[] = [];

function write(path: string, text: string): void {
  const file = join(tree, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

beforeAll(() => {
  write('package.json', JSON.stringify({ name: 'planted', private: true, type: 'module' }));
  write(
    'tsconfig.json',
    JSON.stringify({ compilerOptions: { module: 'NodeNext', customConditions: ['tokenline-source'] } }),
  );
  for (const name of ['kafkajs', 'avsc', 'jose', 'mongodb', 'xstate', 'pino']) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    write(`node_modules/${name}/index.js`, '');
  }
  mkdirSync(join(tree, 'node_modules/@tokenline'), { recursive: true });
  for (const [path, content] of Object.entries(packages)) {
    const entry = path === 'test' ? './index.ts' : './src/index.ts';
    const exports = { '.': { 'tokenline-source': entry } };
    write(`${path}/package.json`, JSON.stringify({ ...content, version: '1.0.0', type: 'module', exports }));
    symlinkSync(join(tree, path), join(tree, 'node_modules', content.name));
  }
  for (const [path, text] of [...Object.values(planted), ...allowed]) write(path, text);
  violations = cruise();
});

afterAll(() => rmSync(tree, { recursive: true, force: true }));

function cruise(): readonly Violation[] {
  const bin = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const folders = ['schemas', 'libs', 'services', 'infra', 'test'];
  const run = (): string =>
    execFileSync(process.execPath, [bin, '--config', config, '--output-type', 'json', ...folders], {
      cwd: tree,
      encoding: 'utf8',
    });
  return (JSON.parse(run()) as { summary: { violations: Violation[] } }).summary.violations;
}

describe('the border rules', () => {
  it.each(ruleNames)('%s catches its planted violation', (rule) => {
    expect(planted, 'every rule has a planted violation').toHaveProperty(rule);
    const caught = violations.filter((violation) => violation.rule.name === rule).map((violation) => violation.from);
    expect(caught).toContain(planted[rule]?.[0]);
  });

  it('let allowed imports pass', () => {
    const fine = new Set(allowed.map(([path]) => path).filter((path) => path !== 'libs/store/src/b.ts'));
    expect(violations.filter((violation) => fine.has(violation.from))).toEqual([]);
  });
});
