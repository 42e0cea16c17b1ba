import { expect, it } from 'vitest';

it('the package loads: no table, pattern or machine in it is broken', async () => {
  // Imported by the test, not above it: what cannot be loaded fails the test, where a file that cannot be loaded has none that could fail.
  const domain = await import('./index.js');
  expect(Object.keys(domain)).toEqual(
    expect.arrayContaining(['mapEhi', 'readCanonicalFact', 'planIdentities', 'decide', 'noticeText', 'shuffle']),
  );
});
