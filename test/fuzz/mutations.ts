/** What is done to messages: changes of one place of a document, of its text, and of the HTTP around it. All plain data, so that a run can print them. */
import fc from 'fast-check';
import { placeholder, tellingKinds } from './secrets.js';
import { type Field, placesIn, type Tree, textOf, withChange } from './tree.js';

/** `at` counts places, round and round. */
export type Change = { readonly at: number } & (
  | { readonly act: 'drop' }
  | { readonly act: 'twice'; readonly value: string | null }
  | { readonly act: 'replace'; readonly value: string }
  | { readonly act: 'beside'; readonly name: string; readonly value: string }
  | { readonly act: 'rename'; readonly name: string }
  | { readonly act: 'respell'; readonly how: 'upper' | 'lower' }
  | { readonly act: 'wrap'; readonly as: 'object' | 'list' }
  | { readonly act: 'deepen'; readonly depth: number }
  | { readonly act: 'multiply'; readonly times: number }
);

export type TextChange =
  | { readonly act: 'cut'; readonly at: number }
  | { readonly act: 'insert'; readonly at: number; readonly hex: string }
  | { readonly act: 'append'; readonly text: string }
  | { readonly act: 'utf-16' }
  | { readonly act: 'instead'; readonly text: string; readonly times: number };

const numbers = [
  '0',
  '-0',
  '-1',
  '1e400',
  '1e308',
  '5e-324',
  '0.1',
  '12345678901234567890123',
  '9007199254740993',
  '01',
  '1.',
];
const times = [
  '"2030-02-30T00:00:00Z"',
  '"2030-01-01T25:61:61Z"',
  '"0000-01-01T00:00:00Z"',
  '"0001-01-01T00:00:00.000Z"',
  '"9999-12-31T23:59:59.999Z"',
  '"+275760-09-13T00:00:00.000Z"',
  '"-271821-04-20T00:00:00.000Z"',
  '"1970-01-01T00:00:00Z"',
  '"2030-01-01 00:00:00.000"',
  '"9999-12-31 23:59:59.999"',
  '"0001-01-01 00:00:00.000"',
  '8640000000000000',
  '-8640000000000000',
];
const words = [
  '"__proto__"',
  '"constructor"',
  '"toString"',
  '"\\u0000"',
  '"\\ud800"',
  '"﻿"',
  '" "',
  '""',
  '"$where"',
  '"null"',
  '"../../x"',
];
const shapes = [
  'null',
  'true',
  'false',
  '[]',
  '{}',
  '[null]',
  '[[]]',
  '{"":null}',
  '{"__proto__":{"status":"ACTIVE"}}',
  'NaN',
  'undefined',
  "'x'",
];
/** Words of the networks, where they do not belong. */
const terms = [
  '"ACTIVE"',
  '"SUSPENDED"',
  '"DEACTIVATED"',
  '"INACTIVE"',
  '"STATUS_UPDATE"',
  '"3702"',
  '"TOKEN_CREATED"',
  '"APPROVED"',
  '"ISSUER"',
  '"A"',
  '"D"',
  '"00"',
  '"05"',
  '"85"',
  '"VISA-T"',
  '"MC-MDES"',
  '"TOKEN_DELETED"',
  '"MERGED"',
  '"DEADLINE_REACHED"',
];

const telling = fc
  .tuple(fc.constantFrom(...tellingKinds), fc.nat({ max: 5 }), fc.constantFrom('', 'call ', '(', '\n'))
  .map(([kind, n, before]) => `${before}${placeholder(kind, n)}`);
const unicode = fc.string({ unit: 'binary', maxLength: 40 });

/** The text of a value: odd in itself, or in the place it is put. */
const oddValue: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...numbers, ...times, ...words, ...shapes) },
  { weight: 2, arbitrary: fc.constantFrom(...terms) },
  { weight: 2, arbitrary: telling.map((text) => JSON.stringify(text)) },
  { weight: 1, arbitrary: unicode.map((text) => JSON.stringify(text)) },
  { weight: 1, arbitrary: fc.json({ maxDepth: 3 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('x', '9', 'é', '\u0000', '🙂', '<'), fc.constantFrom(257, 5_000, 70_000))
      .map(([unit, n]) => JSON.stringify(unit.repeat(n))),
  },
  {
    weight: 1,
    arbitrary: fc.oneof(fc.integer().map(String), fc.double({ noNaN: true }).filter(Number.isFinite).map(String)),
  },
);

const oddName = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'hasOwnProperty',
    '',
    ' ',
    '$set',
    'a.b',
    'tokens[0]',
    'answer.decision',
    'card.ref',
    'length',
    '\u0000',
  ),
  telling,
  unicode,
  fc.constant('n'.repeat(3_000)),
);

/** Unknown names stay out of the log whatever they hold, a code for one. */
const secretBeside = fc
  .tuple(
    fc.constantFrom('cvv', 'pin', 'passcode', 'note', 'otp'),
    fc.constantFrom('card', 'code', 'text', 'phone', 'email'),
    fc.nat({ max: 5 }),
  )
  .map(([name, kind, n]) => ({ name: `unknown_${name}`, value: JSON.stringify(placeholder(kind as 'card', n)) }));

const at = fc.nat({ max: 997 });

export const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ act: fc.constant('replace' as const), at, value: oddValue }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('drop' as const), at }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('twice' as const), at, value: fc.option(oddValue) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('beside' as const), at, name: oddName, value: oddValue }) },
  {
    weight: 2,
    arbitrary: fc.tuple(at, secretBeside).map(([place, more]) => ({ act: 'beside' as const, at: place, ...more })),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('rename' as const), at, name: oddName }) },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant('respell' as const),
      at,
      how: fc.constantFrom('upper' as const, 'lower' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant('wrap' as const),
      at,
      as: fc.constantFrom('object' as const, 'list' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constant('deepen' as const), at, depth: fc.constantFrom(3, 40, 3_000, 20_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constant('multiply' as const), at, times: fc.constantFrom(2, 17, 300) }),
  },
);

export const textChange: fc.Arbitrary<TextChange> = fc.oneof(
  fc.record({ act: fc.constant('cut' as const), at: fc.nat({ max: 4_000 }) }),
  fc.record({
    act: fc.constant('insert' as const),
    at: fc.nat({ max: 4_000 }),
    hex: fc.constantFrom('00', 'ff', 'efbbbf', 'eda080', '22', '7d', '5b', '0a', '3c21454e544954593e'),
  }),
  fc.record({
    act: fc.constant('append' as const),
    text: fc.constantFrom('\u0000', ' ', '{}', ']', ',', '<!-- -->', '\n\n'),
  }),
  fc.record({ act: fc.constant('utf-16' as const) }),
  fc.record({
    act: fc.constant('instead' as const),
    text: fc.constantFrom(
      '',
      'null',
      '[]',
      '{}',
      '0',
      '"x"',
      '[1,"a",null]',
      '<a/>',
      '{"a":',
      '[',
      '{"tokens":[',
      placeholder('card', 0),
      '\u0000',
    ),
    times: fc.constantFrom(1, 1, 1, 2, 15_000, 200_000),
  }),
);

/** Done one after the other; a document without places stays as it is. */
export function changed(tree: Tree, changes: readonly Change[]): Tree {
  return changes.reduce((now, one) => {
    const places = placesIn(now);
    return places === 0 ? now : withChange(now, one.at % places, (field) => made(field, one));
  }, tree);
}

function made(field: Field, change: Change): readonly Field[] {
  const { name, value } = field;
  switch (change.act) {
    case 'drop':
      return [];
    case 'twice':
      return [field, { name, value: change.value === null ? value : raw(change.value) }];
    case 'replace':
      return [{ name, value: raw(change.value) }];
    case 'beside':
      // In a list it has no name to tell that it is unknown: a code among the services asked for looks like a service.
      return [field, { name: change.name, value: name === '' ? secretsHidden(raw(change.value)) : raw(change.value) }];
    case 'rename':
      return [{ name: change.name, value: secretsHidden(value) }];
    case 'respell':
      return [{ name: change.how === 'upper' ? name.toUpperCase() : name.toLowerCase(), value }];
    case 'wrap':
      return [{ name, value: { kind: change.as, fields: [{ name, value }] } }];
    case 'deepen':
      return [{ name, value: raw(`${'['.repeat(change.depth)}${']'.repeat(change.depth)}`) }];
    case 'multiply':
      return Array.from({ length: change.times }, (_, n) => ({ name: n === 0 ? name : `${name}${n}`, value }));
  }
}

/** An EHI message whose id is no card number: of an id's shape, one would be taken for it (services/ingest/README.md, What is kept of a message). */
export function withoutCardAsId(tree: Tree): Tree {
  if (tree.kind !== 'object') return tree;
  const fields = tree.fields.map((field) =>
    field.name.toLowerCase() === 'txn_id'
      ? { ...field, value: raw(textOf(field.value).replaceAll(/‹\w+ \d›/g, 'x')) }
      : field,
  );
  return { kind: 'object', fields };
}

/** Under another name a code is no secret any more, as far as a door can know. */
function secretsHidden(value: Tree): Tree {
  if (value.kind === 'raw') return { kind: 'raw', text: value.text.replace(/‹(?:code|text) \d›/g, 'moved') };
  return {
    kind: value.kind,
    fields: value.fields.map((field) => ({ name: field.name, value: secretsHidden(field.value) })),
  };
}

/** The bytes of a text after a change. */
export function changedText(bytes: Buffer, change: TextChange | null): Buffer {
  switch (change?.act) {
    case undefined:
      return bytes;
    case 'cut':
      return bytes.subarray(0, change.at % (bytes.length + 1));
    case 'insert': {
      const place = change.at % (bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, place), Buffer.from(change.hex, 'hex'), bytes.subarray(place)]);
    }
    case 'append':
      return Buffer.concat([bytes, Buffer.from(change.text)]);
    case 'utf-16':
      return Buffer.from(bytes.toString('utf8'), 'utf16le');
    case 'instead':
      return Buffer.from(change.text.repeat(change.times));
  }
}

function raw(text: string): Tree {
  return { kind: 'raw', text };
}
