import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFields } from './fields.js';

/** Names that differ from ours in case, in letters that look like ours, or in length once folded. */
const spellings = fc.array(fc.constantFrom('t', 'T', 'k', 'K', '\u212a', 'i', 'I', '\u0130', '\u0131', '_'), {
  minLength: 1,
  maxLength: 4,
});
const name = spellings.map((letters) => letters.join(''));
const asciiName = name.filter((text) => /^[\w]+$/.test(text));

describe('the fields of a message', () => {
  it('are found as written, else by the last name that is the same but for its case', () => {
    fc.assert(
      fc.property(
        fc.dictionary(name, fc.constantFrom('a', 'b', 'c'), { noNullPrototype: true }),
        asciiName,
        (fields, asked) => {
          const folded = Object.keys(fields).filter((other) => other.toLowerCase() === asked.toLowerCase());
          const expected = fields[asked] ?? fields[folded.at(-1) ?? ''];
          expect(readFields({ fields, sealed: {} }).text(asked)).toBe(expected);
          expect(readFields({ fields: {}, sealed: fields }).sealed(asked)).toBe(expected);
        },
      ),
      // Letters that fold into others of another beginning are met once in some hundred runs.
      { numRuns: 2_000 },
    );
  });

  it('that are blank are absent', () => {
    const read = readFields({ fields: { a: ' ', b: ' x ' }, sealed: {} });
    expect([read.text('a'), read.text('b'), read.text('c')]).toEqual([undefined, 'x', undefined]);
  });

  it('that are asked for and missing are faults; sealed ones looked like something that must not show', () => {
    const read = readFields({ fields: { a: '' }, sealed: { b: 'sealed' } });
    expect([read.required('a'), read.required('b')]).toEqual([undefined, undefined]);
    expect(read.faults.map(({ code, path }) => `${code} ${path}`)).toEqual(['FIELD_MISSING a', 'FIELD_INVALID b']);
  });
});
