import { validate, version } from 'uuid';
import { expect, it } from 'vitest';
import { deadLetterIdOf, newInboundId, tokenIdOf } from './ids.js';

it('the id of a receipt is a UUID that tells its time to the millisecond, and nobody else has it', () => {
  const before = Date.now();
  const ids = Array.from({ length: 2_000 }, newInboundId);
  const after = Date.now();
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) {
    expect([validate(id), version(id)]).toEqual([true, 7]);
    const time = Number.parseInt(id.slice(0, 13).replace('-', ''), 16);
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(after);
  }
});

it('derived ids stay what they have been: a token keeps its id for good', () => {
  expect(tokenIdOf('threddPaymentTokenId:7')).toBe('9108589e-477d-5ae6-8cb2-4fd0194cf6fb');
  expect(deadLetterIdOf('tsp.inbound/0/1')).toBe('3d4f0cd3-1f28-5d9e-bf36-29d6bcb98986');
});
