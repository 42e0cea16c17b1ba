import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import avro from 'avsc';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { incompatibilities } from './compatibility.js';
import { generatedFiles } from './generate.js';
import { type AvroField, type AvroObject, expand, loadContracts, retentionClasses, schemasRoot } from './load.js';
import { IncompatibleChange, newVersions, releaseVersions } from './release.js';
import { sampleValue } from './sample.js';
import { releasedVersions } from './versions.js';

const contracts = loadContracts();
const released = releasedVersions();
const typeOf = (schema: AvroObject) => avro.Type.forSchema(schema as avro.Schema);

describe('what is written from the contracts', () => {
  it.each(Object.entries(generatedFiles(contracts)))('%s is as `npm run generate` would write it', (path, text) => {
    expect(readFileSync(join(schemasRoot, '..', path), 'utf8')).toBe(text);
  });
});

describe('every contract', () => {
  it('gives each field a retention class and a doc', () => {
    const bare = [...contracts.named].flatMap(([name, schema]) =>
      (schema.fields ?? [])
        .filter(
          ({ retention, doc }) => !(retentionClasses as readonly (string | undefined)[]).includes(retention) || !doc,
        )
        .map((field) => `${name}.${field.name}`),
    );
    expect(bare).toEqual([]);
  });

  it('reads symbols an enum does not know as UNKNOWN', () => {
    const enums = [...contracts.named.values()].filter((schema) => schema.type === 'enum');
    expect(enums.length).toBeGreaterThan(5);
    const strange = enums.filter((e) => e.default !== 'UNKNOWN' || e.symbols?.[0] !== 'UNKNOWN');
    expect(strange.map((e) => e.name)).toEqual([]);
  });
});

describe('released versions', () => {
  it('have the contracts as they stand as the newest (`npm run release -w schemas`)', () => {
    expect(newVersions(contracts, released).map((v) => `${v.record} v${v.number}`)).toEqual([]);
  });

  const versions = [...released.values()].flat().map((version) => {
    const record = contracts.records.find((r) => r.fullName === version.record);
    const current = expand(record?.schema as AvroObject, contracts.named);
    return [`${version.record} v${version.number}`, { version, current }] as const;
  });

  it.each(versions)(
    '%s: its golden binary reads as it was written, and with the contract of today',
    (_name, { version, current }) => {
      const [writer, reader] = [typeOf(version.schema), typeOf(current)];
      expect(writer.fromBuffer(version.golden)).toEqual(sampleValue(version.schema));
      const read = reader.fromBuffer(version.golden, reader.createResolver(writer));
      expect(reader.isValid(read)).toBe(true);
      const scalars = Object.entries(sampleValue(version.schema) as object).filter(
        ([name, value]) => typeof value !== 'object' && name in read,
      );
      expect(scalars.length).toBeGreaterThan(0);
      for (const [name, value] of scalars) expect(read, name).toHaveProperty(name, value);
    },
  );

  it.each(versions)('%s: reads what is written today', (_name, { version, current }) => {
    const [writer, reader] = [typeOf(current), typeOf(version.schema)];
    const read = reader.fromBuffer(writer.toBuffer(sampleValue(current)), reader.createResolver(writer));
    expect(reader.isValid(read)).toBe(true);
  });
});

const color: AvroObject = {
  type: 'enum',
  namespace: 't',
  name: 'Color',
  symbols: ['UNKNOWN', 'RED'],
  default: 'UNKNOWN',
};
const inner = (fields: AvroField[]): AvroObject => ({ type: 'record', namespace: 't', name: 'Inner', fields });
const record = (...fields: AvroField[]): AvroObject => ({ type: 'record', namespace: 't', name: 'R', fields });
const id: AvroField = { name: 'id', type: 'string' };
const time = { type: 'long', logicalType: 'timestamp-millis' };

describe('a change of a record', () => {
  it.each<[what: string, before: AvroObject, now: AvroObject]>([
    ['a new field with a default', record(id), record(id, { name: 'n', type: ['null', 'int'], default: null })],
    ['a field with a default gone', record(id, { name: 'n', type: 'int', default: 1 }), record(id)],
    [
      'a new symbol',
      record({ name: 'c', type: color }),
      record({ name: 'c', type: { ...color, symbols: ['UNKNOWN', 'RED', 'BLUE'] } }),
    ],
    ['another doc and retention class', record(id), record({ ...id, doc: 'x', retention: 'core' })],
    [
      'a new field with a default deep inside',
      record({ name: 'list', type: { type: 'array', items: inner([id]) } }),
      record({ name: 'list', type: { type: 'array', items: inner([id, { name: 'n', type: 'int', default: 0 }]) } }),
    ],
  ])('is accepted: %s', (_what, before, now) => {
    expect(incompatibilities(now, before)).toEqual([]);
    const [writer, reader] = [typeOf(before), typeOf(now)];
    const read = reader.fromBuffer(writer.toBuffer(sampleValue(before)), reader.createResolver(writer));
    expect(reader.isValid(read)).toBe(true);
  });

  it.each<[what: string, before: AvroObject, now: AvroObject, problem: string]>([
    [
      'a new field without a default',
      record(id),
      record(id, { name: 'n', type: 'int' }),
      't.R, field n: it is new and has no default.',
    ],
    [
      'a field without a default gone',
      record(id, { name: 'n', type: 'int' }),
      record(id),
      't.R, field n: it is gone and had no default.',
    ],
    ['another type', record(id), record({ name: 'id', type: 'int' }), 't.R, field id: its type was string and is int.'],
    [
      'a wider number, which earlier readers cannot read',
      record({ name: 'n', type: 'int' }),
      record({ name: 'n', type: 'long' }),
      't.R, field n: its type was int and is long.',
    ],
    [
      'another unit',
      record({ name: 'at', type: time }),
      record({ name: 'at', type: { ...time, logicalType: 'timestamp-micros' } }),
      't.R, field at: its type was long (timestamp-millis) and is long (timestamp-micros).',
    ],
    [
      'an optional field made obligatory',
      record({ name: 'n', type: ['null', 'int'], default: null }),
      record({ name: 'n', type: 'int' }),
      't.R, field n: its type was a union and is not, or the other way round.',
    ],
    [
      'a wider union',
      record({ name: 'n', type: ['null', 'int'], default: null }),
      record({ name: 'n', type: ['null', 'int', 'string'], default: null }),
      't.R, field n: it may now be string, which earlier readers cannot read.',
    ],
    [
      'a symbol gone',
      record({ name: 'c', type: color }),
      record({ name: 'c', type: { ...color, symbols: ['UNKNOWN'] } }),
      't.R, field c: enum Color has lost its symbol RED.',
    ],
    [
      "an enum's default gone",
      record({ name: 'c', type: color }),
      record({ name: 'c', type: (({ default: _, ...rest }) => rest)(color) }),
      't.R, field c: enum Color has no default.',
    ],
    [
      'a new field without a default deep inside',
      record({ name: 'list', type: { type: 'array', items: ['null', inner([id])] } }),
      record({ name: 'list', type: { type: 'array', items: ['null', inner([id, { name: 'n', type: 'int' }])] } }),
      't.R, field list[].n: it is new and has no default.',
    ],
  ])('is refused: %s', (_what, before, now, problem) => {
    expect(incompatibilities(now, before)).toEqual([problem]);
  });
});

describe('releasing', () => {
  const roots: string[] = [];
  afterEach(() => {
    for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
    vi.restoreAllMocks();
  });

  function copy(): string {
    vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const root = mkdtempSync(join(tmpdir(), 'tokenline-schemas-'));
    roots.push(root);
    for (const folder of new Set(['shared', ...contracts.records.map((r) => r.topic)])) {
      cpSync(join(schemasRoot, folder), join(root, folder), { recursive: true });
    }
    return root;
  }

  function edit(root: string, file: string, change: (schema: { fields: AvroField[] }) => void): void {
    const schema = JSON.parse(readFileSync(join(root, file), 'utf8'));
    change(schema);
    writeFileSync(join(root, file), JSON.stringify(schema));
  }

  const receipt = 'cardholder.receipts/DeliveryReceipt.avsc';
  const remark: AvroField = {
    name: 'remark',
    type: ['null', 'string'],
    doc: 'A word.',
    retention: 'core',
    default: null,
  };

  const newestState = released.get('tokenline.state.TokenState')?.length ?? 0;
  const nextState = `TokenState.v${newestState + 1}`;

  it('writes nothing when nothing changed', () => {
    expect(releaseVersions(copy())).toEqual([]);
  });

  it('makes a new version of each record that changed, shared types included, and only of those', () => {
    const root = copy();
    edit(root, 'shared/Device.avsc', (schema) => schema.fields.push(remark));
    const written = releaseVersions(root);
    expect(written).toContain(`token.state/versions/${nextState}.avsc`);
    expect(written).toContain(`token.state/versions/${nextState}.golden.b64`);
    expect(written.some((path) => path.includes('DeliveryReceipt'))).toBe(false);
    expect(releaseVersions(root)).toEqual([]);
    expect(releasedVersions(root).get('tokenline.state.TokenState')?.at(-1)?.number).toBe(newestState + 1);
  });

  it('refuses a change no earlier reader could live with, naming record and field, and writes nothing', () => {
    const root = copy();
    edit(root, receipt, (schema) => schema.fields.push({ name: 'remark', type: 'string' }));
    edit(root, 'shared/Card.avsc', (schema) => schema.fields.push(remark));
    expect(() => releaseVersions(root)).toThrow(
      '(version 1) tokenline.cardholder.DeliveryReceipt, field remark: it is new and has no default.',
    );
    expect(readdirSync(join(root, 'token.state/versions'))).not.toContain(`${nextState}.avsc`);
  });

  it('compares with every earlier version, not only the newest', () => {
    const root = copy();
    edit(root, receipt, (schema) => schema.fields.push(remark));
    releaseVersions(root);
    const withRemark = releasedVersions(root).get('tokenline.cardholder.DeliveryReceipt')?.at(-1)?.number;
    edit(root, receipt, (schema) => schema.fields.pop());
    releaseVersions(root);
    edit(root, receipt, (schema) => schema.fields.push({ ...remark, type: ['null', 'int'] }));
    expect(() => releaseVersions(root)).toThrow(
      `(version ${withRemark}) tokenline.cardholder.DeliveryReceipt, field remark: it may now be int`,
    );
  });

  it('refuses to lose a record', () => {
    const root = copy();
    rmSync(join(root, receipt));
    expect(() => releaseVersions(root)).toThrow(IncompatibleChange);
  });
});
