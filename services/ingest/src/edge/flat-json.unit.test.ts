import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldsOf } from './clear-fields.js';
import { parseAnyFlat, parseFlatJson, parseJson } from './flat-json.js';

describe('flat JSON', () => {
  const blanks = fc.stringMatching(/^[ \t\r\n]{0,2}$/);
  const texts = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\\', '"', '\\u0041', '\n', '{', '__proto__', 'TXn_ID', 'Token'),
  );
  const values = fc.oneof(
    texts.map((text) => JSON.stringify(text)),
    fc.stringMatching(/^-?(0|[1-9]\d{0,20})(\.\d{1,4})?([eE][+-]?\d{1,3})?$/),
    fc.constantFrom('true', 'false', 'null', '[]', '{"a":1}', '01', '"\\x"', '"\\u00e9"'),
  );
  const members = fc
    .tuple(blanks, texts, blanks, blanks, values)
    .map(([a, name, b, c, value]) => [a, JSON.stringify(name), b, ':', c, value].join(''));
  const objects = fc
    .tuple(blanks, fc.array(members, { maxLength: 6 }), blanks)
    .map(([before, list, after]) => `${before}{${list.join(',')}}${after}`);

  it('is the same read member by member as by the parser of any JSON, broken anywhere or not', () => {
    fc.assert(
      fc.property(objects, fc.option(fc.nat()), (text, cut) => {
        const given = cut === null ? text : text.slice(0, cut % text.length) + text.slice((cut % text.length) + 1);
        expect(parseFlatJson(given)).toEqual(parseAnyFlat(given));
      }),
      { numRuns: 3_000 },
    );
  });

  it('gives every value as the text it was written with, null as none', () => {
    const parsed = parseFlatJson('{"a":9007199254740993,"b":"x","c":true,"d":null,"e":0.0,"__proto__":"p"}');
    expect(parsed).toEqual({
      ok: true,
      value: fieldsOf([
        ['a', '9007199254740993'],
        ['b', 'x'],
        ['c', 'true'],
        ['d', ''],
        ['e', '0.0'],
        ['__proto__', 'p'],
      ]),
    });
  });

  it.each(['', '{', '{"a":1,}', "{'a':1}", '{"a":01}', 'NaN'])('is not what starts %.12j', (text) => {
    expect(parseFlatJson(text)).toMatchObject({ ok: false, rejection: { code: 'NOT_JSON', errors: [] } });
  });

  it.each([
    ['[]', ''],
    ['"text"', ''],
    ['7', ''],
    ['{"a":{"b":1}}', 'a'],
    ['{"a":[]}', 'a'],
  ])('is not %s', (text, path) => {
    expect(parseFlatJson(text)).toMatchObject({ ok: false, rejection: { code: 'NOT_FLAT', errors: [{ path }] } });
  });

  it('has no key twice, unless it says the same twice', () => {
    expect(parseFlatJson('{"a":1,"a":2}')).toMatchObject({
      ok: false,
      rejection: { code: 'FIELD_REPEATED', errors: [{ path: 'a' }] },
    });
    expect(parseFlatJson('{"a":1,"a":1}').ok).toBe(true);
  });
});

it('any JSON is nested as deep as a program can follow, and no deeper', () => {
  const nested = (depth: number) => `${'[{"a":'.repeat(depth / 2)}"${'['.repeat(99)}\\""${'}]'.repeat(depth / 2)}`;
  expect(parseJson(nested(64)).ok).toBe(true);
  for (const text of [nested(66), nested(80_000), '['.repeat(200_000)]) {
    expect(parseJson(text)).toMatchObject({
      ok: false,
      rejection: { code: 'NOT_JSON', errors: [{ path: '', message: 'is nested deeper than 64 levels' }] },
    });
  }
});

it('any JSON keeps whole numbers a double cannot hold as text', () => {
  expect(parseJson('[9007199254740993, 7, 1.5]')).toEqual({ ok: true, value: ['9007199254740993', 7, 1.5] });
});
