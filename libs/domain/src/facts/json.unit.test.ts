import { describe, expect, it } from 'vitest';
import type { Fault } from '../reasons.js';
import { type JsonReader, readObject } from './json.js';

/** What `ask` gets of an object, and what is found wrong with it. */
function read<T>(value: Record<string, unknown>, ask: (read: JsonReader) => T) {
  const faults: Fault[] = [];
  const reader = readObject(value, '', faults);
  if (reader === undefined) throw new Error('An object is one.');
  const got = ask(reader);
  return { got, faults: faults.map(({ code, path, message }) => `${code} ${path} ${message}`) };
}

describe('an object', () => {
  it.each([[undefined], [null], [[]], ['text'], [7], [true]])('is not %j', (value) => {
    const faults: Fault[] = [];
    expect(readObject(value, 'a.b', faults)).toBeUndefined();
    expect(faults).toEqual([{ code: 'FIELD_INVALID', path: 'a.b', message: 'is not an object' }]);
  });

  it('has no field that nobody asks for; null is as good as absent', () => {
    const ask = (reader: JsonReader) => {
      reader.text('known');
      reader.done();
      return [reader.has('known'), reader.has('none'), reader.has('constructor')];
    };
    expect(read({ known: 'x', none: null }, ask)).toEqual({ got: [true, false, false], faults: [] });
    expect(read({ known: 'x', other: 0 }, ask).faults).toEqual(['FIELD_INVALID other is not a field known here']);
  });

  it('within an object, and in a list, is named by its path', () => {
    const value = { outer: { inner: { wrong: 1 } }, list: [{ wrong: 1 }, 7, {}] };
    const { got, faults } = read(value, (reader) => {
      reader.object('outer')?.object('inner')?.flag('wrong');
      const items = reader.objects('list');
      for (const item of items) item.flag('wrong');
      return items.length;
    });
    expect(got).toBe(2);
    expect(faults).toEqual([
      'FIELD_INVALID outer.inner.wrong is not true or false',
      'FIELD_INVALID list[1] is not an object',
      'FIELD_INVALID list[0].wrong is not true or false',
    ]);
  });

  it('may be at fault as a whole', () => {
    const { faults } = read({ outer: {} }, (reader) => {
      reader.object('outer')?.fault('FIELD_INVALID', '', 'is empty');
      reader.fault('FIELD_INVALID', '', 'holds too little');
    });
    expect(faults).toEqual(['FIELD_INVALID outer is empty', 'FIELD_INVALID  holds too little']);
  });

  it('that is absent is no fault, nor is a list of them; a list that is none is', () => {
    const ask = (reader: JsonReader) => [reader.object('one'), reader.objects('many')];
    expect(read({}, ask)).toEqual({ got: [undefined, []], faults: [] });
    expect(read({ many: {} }, ask)).toEqual({ got: [undefined, []], faults: ['FIELD_INVALID many is not an array'] });
  });
});

describe('text', () => {
  const text = (value: unknown) => read({ name: value }, (reader) => reader.text('name'));

  it('is trimmed; blank is absent; a whole number is its digits', () => {
    expect(text('  a b ').got).toBe('a b');
    expect(text(' ')).toEqual({ got: undefined, faults: [] });
    expect(text(undefined)).toEqual({ got: undefined, faults: [] });
    expect(text(50120834693).got).toBe('50120834693');
  });

  it.each([[1.5], [2 ** 53], [true], [{}], [[]]])('is not %j', (value) => {
    expect(text(value)).toEqual({ got: undefined, faults: ['FIELD_INVALID name is not text'] });
  });

  it('has 512 characters at most, sealed text 65,536', () => {
    const long = (length: number, which: 'text' | 'sealed') =>
      read({ name: ` ${'x'.repeat(length)} ` }, (reader) => reader[which]('name')).faults;
    expect(long(512, 'text')).toEqual([]);
    expect(long(513, 'text')).toEqual(['FIELD_INVALID name is longer than 512 characters']);
    expect(long(65_536, 'sealed')).toEqual([]);
    expect(long(65_537, 'sealed')).toEqual(['FIELD_INVALID name is longer than 65536 characters']);
  });

  it('that is required is reported once, as missing or as wrong', () => {
    const required = (value: unknown) => read({ name: value }, (reader) => reader.requiredText('name'));
    expect(required('x')).toEqual({ got: 'x', faults: [] });
    expect(required(' ').faults).toEqual(['FIELD_MISSING name is missing or blank']);
    expect(required(true).faults).toEqual(['FIELD_INVALID name is not text']);
  });
});

describe('a list', () => {
  it('of texts leaves out what is none and says which', () => {
    const texts = (value: unknown) => read({ list: value }, (reader) => reader.texts('list'));
    expect(texts(['a', 1, 'b'])).toEqual({ got: ['a', 'b'], faults: ['FIELD_INVALID list[1] is not text'] });
    expect(texts('a')).toEqual({ got: undefined, faults: ['FIELD_INVALID list is not an array'] });
    expect(texts(undefined)).toEqual({ got: undefined, faults: [] });
  });

  it('of words takes those allowed and says which is not', () => {
    const words = (value: unknown) => read({ list: value }, (reader) => reader.words('list', ['A', 'B']));
    expect(words(['B', 'C', 'A'])).toEqual({ got: ['B', 'A'], faults: ['FIELD_INVALID list[1] is not one of A, B'] });
    expect(words('A')).toEqual({ got: undefined, faults: ['FIELD_INVALID list is not an array'] });
    expect(words(undefined)).toEqual({ got: undefined, faults: [] });
  });
});

describe('a word or a flag', () => {
  it('is what it may be, or absent, or a fault', () => {
    const word = (value: unknown) => read({ name: value }, (reader) => reader.word('name', ['A', 'B']));
    expect([word('A').got, word(undefined).got]).toEqual(['A', undefined]);
    expect(word('a')).toEqual({ got: undefined, faults: ['FIELD_INVALID name is not one of A, B'] });
    const flag = (value: unknown) => read({ name: value }, (reader) => reader.flag('name'));
    expect([flag(true).got, flag(false).got, flag(undefined).got]).toEqual([true, false, undefined]);
    expect(flag('true')).toEqual({ got: undefined, faults: ['FIELD_INVALID name is not true or false'] });
  });
});

describe('an instant', () => {
  const instant = (value: unknown) => read({ at: value }, (reader) => reader.instant('at'));

  it.each([
    ['2030-01-15T10:00Z', '2030-01-15T10:00:00.000Z'],
    ['2030-01-15T10:00:07Z', '2030-01-15T10:00:07.000Z'],
    [' 2030-01-15T10:00:07.5Z ', '2030-01-15T10:00:07.500Z'],
    ['2030-01-15T10:00:07.123999999Z', '2030-01-15T10:00:07.123Z'],
    ['2030-01-15T10:00:00+01:30', '2030-01-15T08:30:00.000Z'],
    ['2030-01-15T10:00:00+0130', '2030-01-15T08:30:00.000Z'],
    ['2030-01-15T10:00:00-09:00', '2030-01-15T19:00:00.000Z'],
    ['2030-01-15T10:00:00+18:00', '2030-01-14T16:00:00.000Z'],
    ['2032-02-29T10:00:00Z', '2032-02-29T10:00:00.000Z'],
  ])('written %s is %s', (text, iso) => {
    expect(instant(text)).toEqual({ got: Date.parse(iso), faults: [] });
  });

  it('may be epoch milliseconds, or absent', () => {
    expect(instant(0)).toEqual({ got: 0, faults: [] });
    expect(instant(1_894_701_600_500).got).toBe(1_894_701_600_500);
    expect(instant(undefined)).toEqual({ got: undefined, faults: [] });
  });

  it.each([
    ['2030-01-15T10:00:00'],
    ['2030-01-15'],
    ['2030-01-15 10:00:00Z'],
    ['x2030-01-15T10:00:00Z'],
    ['2030-01-15T10:00:00Zx'],
    ['2030-1-15T10:00:00Z'],
    ['2030-01-15T10:00:00.Z'],
    ['2030-01-15T10:00:00.1234567890Z'],
    ['2030-01-15T10:00:00+19:00'],
    ['2030-01-15T10:00:00+01:60'],
    ['2030-01-15T10:00:00+1:00'],
    ['2030-02-29T10:00:00Z'],
    ['2030-01-15T24:00:00Z'],
    ['2030-01-15T10:60:00Z'],
    [-1],
    [1.5],
    [true],
  ])('is not %j', (value) => {
    expect(instant(value)).toEqual({
      got: undefined,
      faults: ['IMPOSSIBLE_DATE at is not a time that exists, in ISO 8601 with a zone or in epoch milliseconds'],
    });
  });
});
