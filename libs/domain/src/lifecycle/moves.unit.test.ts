import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LifeEvent, lifeEventTypes } from './machine.js';
import { beginLife, moveLife, timesOf } from './moves.js';
import { begin, step } from './step.js';

const parties = ['ISSUER', 'CARDHOLDER', 'TOKEN_REQUESTOR', 'NETWORK'] as const;
const anyEvent: fc.Arbitrary<LifeEvent> = fc.constantFrom(...lifeEventTypes).chain((type): fc.Arbitrary<LifeEvent> => {
  const at = fc.nat(1_000);
  if (type === 'SUSPENDED_BY' || type === 'RESUMED_BY')
    return fc.record({ type: fc.constant(type), at, party: fc.constantFrom(...parties) });
  if (type === 'SUSPENDERS_REPORTED')
    return fc.record({ type: fc.constant(type), at, parties: fc.array(fc.constantFrom(...parties), { maxLength: 3 }) });
  return fc.record({ type: fc.constant(type), at });
});
const tokenTypes = fc.constantFrom(undefined, 'SECURE_ELEMENT' as const, 'CARD_ON_FILE' as const, 'BROWSER' as const);

describe('a move looked up', () => {
  it('is what the machine says, for any events, times in any order and equal ones included', () => {
    fc.assert(
      fc.property(tokenTypes, fc.array(anyEvent, { maxLength: 25 }), (tokenType, events) => {
        let life = beginLife({ tokenType });
        let snapshot = begin({ tokenType });
        for (const event of events) {
          const [moved, stepped] = [moveLife(life, event), step(snapshot, event)];
          expect(moved === life, `${event.type} is legal`).toBe(stepped === snapshot);
          [life, snapshot] = [moved, stepped];
          const { value, ...rest } = life.shape;
          expect(value).toEqual(snapshot.value);
          expect({ ...rest, ...timesOf(life) }).toEqual({
            ...snapshot.context,
            suspendedBy: [...snapshot.context.suspendedBy].sort(),
          });
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('leads to the same shape whatever the times were and in whatever order the parties came', () => {
    const suspended = (first: 'ISSUER' | 'NETWORK', second: 'ISSUER' | 'NETWORK', at: number) =>
      [first, second].reduce(
        (life, party) => moveLife(life, { type: 'SUSPENDED_BY', at, party }),
        moveLife(beginLife({}), { type: 'REPORTED_ACTIVE', at }),
      );
    expect(suspended('ISSUER', 'NETWORK', 1).shape).toBe(suspended('NETWORK', 'ISSUER', 7).shape);
  });
});
