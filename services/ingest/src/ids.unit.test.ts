import { validate, version } from 'uuid';
import { expect, it } from 'vitest';
import { newInboundId } from './ids.js';

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
