import { createSealer, generateKeySet, parseKeySet } from '@tokenline/sealing';
import { expect, it } from 'vitest';
import { shownSealed } from './sealed.js';

it('shows sealed values by their key and leaves everything else as it is', async () => {
  const sealer = createSealer(parseKeySet(generateKeySet()));
  const sealed = await sealer.seal('contact', 'someone@example.com');
  expect(shownSealed({ codeSealed: sealed, list: [sealed], plain: 'a.b.c.d.e', at: 5 })).toEqual({
    codeSealed: 'sealed(local-1)',
    list: ['sealed(local-1)'],
    plain: 'a.b.c.d.e',
    at: 5,
  });
});
