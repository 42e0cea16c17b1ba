import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placesIn, textOf, treeOf, withChange } from './tree.js';

const documents = fc.jsonValue({ maxDepth: 4 });

describe('a document as it is written', () => {
  it('reads back as what it was made of', () => {
    fc.assert(
      fc.property(documents, (value) => {
        expect(JSON.parse(textOf(treeOf(value)))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('is changed in the one place that was meant, and nowhere else', () => {
    fc.assert(
      fc.property(documents, fc.nat(), (value, n) => {
        const tree = treeOf(value);
        const places = placesIn(tree);
        fc.pre(places > 0);
        expect(textOf(withChange(tree, n % places, (field) => [field]))).toBe(textOf(tree));
        let met = 0;
        const marked = withChange(tree, n % places, ({ name }) => {
          met += 1;
          return [{ name, value: { kind: 'raw', text: '"‹here›"' } }];
        });
        expect(met).toBe(1);
        expect(textOf(marked).split('‹here›')).toHaveLength(2);
      }),
    );
  });

  it('can say what JSON.stringify cannot', () => {
    const tree = withChange(treeOf({ a: 1, b: [2] }), 0, (field) => [
      field,
      { name: 'a', value: { kind: 'raw', text: '1e400' } },
    ]);
    expect(textOf(tree)).toBe('{"a":1,"a":1e400,"b":[2]}');
    expect(textOf(withChange(treeOf({ a: 1, b: [2] }), 2, () => []))).toBe('{"a":1,"b":[]}');
  });
});
