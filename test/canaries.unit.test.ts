import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createCanaries, findCanaries } from './canaries.js';

const canaries = createCanaries();
const card = canaries.card('a card');
const email = canaries.email('an address');

it('finds a canary wherever and however it is written', () => {
  const ways: readonly ((canary: string) => string | Buffer)[] = [
    (canary) => canary,
    (canary) => Buffer.from([0, 7, ...Buffer.from(canary), 255]),
    (canary) => Buffer.from(canary).toString('hex'),
    (canary) => encodeURIComponent(canary),
  ];
  for (const way of ways) {
    expect(findCanaries('here', way(card), canaries.all)).toEqual([{ canary: card, from: 'a card', place: 'here' }]);
    expect(findCanaries('here', way(email), canaries.all)).toHaveLength(1);
  }
  const grouped = card.replace(/(\d{4})(?=\d)/g, '$1 ');
  expect(findCanaries('here', `card ${grouped} refused`, canaries.all)).toHaveLength(1);
  expect(findCanaries('here', grouped.replaceAll(' ', '-'), canaries.all)).toHaveLength(1);
});

it('finds it in base64 at every alignment', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 7 }), fc.uint8Array({ maxLength: 7 }), (before, after) => {
      const bytes = Buffer.concat([before, Buffer.from(card), after]);
      for (const encoding of ['base64', 'base64url'] as const) {
        expect(findCanaries('here', bytes.toString(encoding), canaries.all)).toHaveLength(1);
      }
    }),
  );
});

it('finds nothing where there is none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(findCanaries('here', Buffer.from(bytes), canaries.all)).toEqual([]);
    }),
  );
});
