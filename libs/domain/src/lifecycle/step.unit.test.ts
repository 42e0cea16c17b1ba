import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialTransition, transition } from 'xstate';
import { type LifeEvent, lifeEventTypes, tokenLife } from './machine.js';
import { begin, step } from './step.js';

const anyEvent = fc.record({
  type: fc.constantFrom(...lifeEventTypes),
  at: fc.nat(1_000),
  party: fc.constantFrom('ISSUER', 'CARDHOLDER'),
  parties: fc.subarray(['ISSUER', 'CARDHOLDER']),
}) as fc.Arbitrary<LifeEvent>;
const tokenTypes = fc.constantFrom(undefined, 'SECURE_ELEMENT', 'CARD_ON_FILE') as fc.Arbitrary<
  'SECURE_ELEMENT' | undefined
>;

describe('a step', () => {
  it('is what XState’s own transition() gives, for any events', () => {
    fc.assert(
      fc.property(tokenTypes, fc.array(anyEvent, { maxLength: 20 }), (tokenType, events) => {
        let ours = begin({ tokenType });
        let [theirs] = initialTransition(tokenLife, { tokenType });
        for (const event of events) {
          const [next] = transition(tokenLife, theirs, event);
          const stepped = step(ours, event);
          expect(stepped === ours).toBe(next === theirs);
          [ours, theirs] = [stepped, next];
          expect({ value: ours.value, context: ours.context }).toEqual({
            value: theirs.value,
            context: theirs.context,
          });
        }
      }),
    );
  });
});

describe('coverage of the machine', () => {
  it('reaches every state of every region', () => {
    const reached = new Set<string>();
    const note = (snapshot: ReturnType<typeof begin>): void => {
      for (const [region, state] of Object.entries(snapshot.value)) reached.add(`${region}.${state}`);
    };
    const events: LifeEvent[] = lifeEventTypes.map(
      (type, at) => ({ type, at, party: 'ISSUER', parties: [] }) as LifeEvent,
    );
    const walk = (snapshot: ReturnType<typeof begin>, depth: number): void => {
      note(snapshot);
      if (depth === 0) return;
      for (const event of events) {
        const next = step(snapshot, event);
        if (next !== snapshot) walk(next, depth - 1);
      }
    };
    walk(begin({ tokenType: 'HCE' }), 3);
    const all = Object.entries(tokenLife.config.states ?? {}).flatMap(([region, { states }]) =>
      Object.keys(states ?? {}).map((state) => `${region}.${state}`),
    );
    expect([...reached].sort()).toEqual(all.sort());
  });
});
