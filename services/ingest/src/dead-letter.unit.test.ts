import { describe, expect, it } from 'vitest';
import { presentable } from './dead-letter.js';

describe('the errors of a refusal', () => {
  it.each(['Proc_Code', '[3].occurredAt', 'aliases[0].value', 'activation.codeSealed', ''])(
    'name %s as it is',
    (path) => {
      expect(presentable([{ path, message: 'is wrong' }])).toEqual([{ path, message: 'is wrong' }]);
    },
  );

  it.each([
    '4111111111111111',
    'PAN4111111111111111',
    '4111-1111-1111-1111',
    'someone@example.com',
    'tel+447700900123',
    'a b',
    'x'.repeat(200),
  ])('withhold the name %s, which a sender chose', (path) => {
    expect(presentable([{ path, message: 'is wrong' }])).toEqual([{ path: '(name withheld)', message: 'is wrong' }]);
  });

  it('end somewhere', () => {
    expect(presentable(Array.from({ length: 5_000 }, () => ({ path: 'a', message: 'b' })))).toHaveLength(50);
  });
});
