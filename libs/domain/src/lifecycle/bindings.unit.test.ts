import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TokenFact } from '../generated/records.js';
import { fold } from './fold.js';
import { deliver, fact, noon } from './given.js';

const at = (seconds: number): number => noon + seconds * 1_000;
const desk = { id: 'browser-1', name: 'Desk', type: 'PC' };
const sofa = { id: 'tablet-2' };

type Named = Pick<TokenFact, 'bindingId' | 'device'>;
const bound = (seconds: number, named: Named): TokenFact => fact('DEVICE_BOUND', seconds, named);
const unbound = (seconds: number, named: Named): TokenFact => fact('DEVICE_UNBOUND', seconds, named);
const stateOf = (...facts: readonly TokenFact[]) => fold('t1', facts).state;
const bindingsOf = (...facts: readonly TokenFact[]) => stateOf(...facts).bindings;

describe('a device that is bound', () => {
  it('is shown by its id, with what is known of it and since when', () => {
    expect(stateOf(bound(1, { bindingId: '1', device: desk }))).toMatchObject({
      bindings: [{ bindingId: '1', device: desk, boundAt: at(1) }],
      updatedAt: at(1),
    });
  });

  it('may be known by its id alone, or by the device alone', () => {
    expect(bindingsOf(bound(1, { bindingId: 'bind-1' }))).toEqual([{ bindingId: 'bind-1', boundAt: at(1) }]);
    expect(bindingsOf(bound(1, { device: sofa }))).toEqual([{ device: sofa, boundAt: at(1) }]);
  });

  it.each<[string, Named]>([
    ['nothing', {}],
    ['a device without its id', { device: { name: 'Desk', type: 'PC' } }],
  ])('and named by %s is only noted', (_, named) => {
    const known = bound(1, { bindingId: '1' });
    expect(stateOf(known, bound(2, named))).toEqual(stateOf(known));
    expect(stateOf(known, unbound(2, named))).toEqual(stateOf(known));
    const { events } = deliver([known, bound(2, named), unbound(3, named)]);
    expect(events.map(({ type }) => type.split('.').at(-1))).toEqual(['TokenChanged', 'FactNoted', 'FactNoted']);
  });

  it('is none of the token’s own, whose device stays as it is', () => {
    const own = fact('DEVICE_PROVISIONED', 1, { device: { id: 'phone', name: 'Test phone', type: 'PHONE' } });
    const facts = [own, bound(2, { bindingId: '1', device: desk }), unbound(3, { bindingId: '1', device: desk })];
    for (const known of [1, 2, 3]) expect(stateOf(...facts.slice(0, known)).device).toEqual(own.device);
    expect(stateOf(bound(1, { device: desk })).device).toBeUndefined();
  });

  it('is nothing other facts tell of', () => {
    for (const kind of ['NOTED', 'CARDHOLDER_VERIFIED', 'DEVICE_PROVISIONED'] as const)
      expect(bindingsOf(fact(kind, 1, { bindingId: '1', device: desk }))).toEqual([]);
  });

  it('stays so whatever the token’s status', () => {
    const facts = [bound(1, { bindingId: '1' }), fact('TOKEN_DELETED', 2), bound(3, { bindingId: '2' })];
    expect(stateOf(...facts)).toMatchObject({ status: 'DELETED', bindings: [{ bindingId: '1' }, { bindingId: '2' }] });
  });
});

describe('a device bound again', () => {
  const first = bound(1, { bindingId: '1', device: desk });

  it('is one binding since the newer time, with what it does not tell again', () => {
    expect(bindingsOf(first, bound(2, { bindingId: '1' }))).toEqual([{ bindingId: '1', device: desk, boundAt: at(2) }]);
    expect(bindingsOf(first, bound(2, { bindingId: '1', device: { name: 'Attic' } }))).toEqual([
      { bindingId: '1', device: { ...desk, name: 'Attic' }, boundAt: at(2) },
    ]);
    expect(bindingsOf(first, bound(2, { bindingId: '1', device: { id: desk.id, type: 'TABLET' } }))).toEqual([
      { bindingId: '1', device: { ...desk, type: 'TABLET' }, boundAt: at(2) },
    ]);
    expect(stateOf(first, bound(2, { bindingId: '1' })).updatedAt).toBe(at(2));
  });

  it('may be told of by another source, which knows no id of it', () => {
    const both = [{ bindingId: '1', device: desk, boundAt: at(2) }];
    expect(bindingsOf(first, bound(2, { device: { id: desk.id } }))).toEqual(both);
    expect(bindingsOf(bound(1, { device: desk }), bound(2, { bindingId: '1', device: { id: desk.id } }))).toEqual(both);
  });

  it('in a place that another had takes over nothing of that one', () => {
    expect(bindingsOf(first, bound(2, { bindingId: '1', device: sofa }))).toEqual([
      { bindingId: '1', device: sofa, boundAt: at(2) },
    ]);
    const nameless = bound(1, { bindingId: '1', device: { name: 'Desk' } });
    expect(bindingsOf(nameless, bound(2, { bindingId: '1', device: sofa }))).toEqual([
      { bindingId: '1', device: { ...sofa, name: 'Desk' }, boundAt: at(2) },
    ]);
  });

  it('and numbered now is not shown twice', () => {
    const [other, numberless] = [bound(1, { bindingId: '1', device: sofa }), bound(2, { device: desk })];
    const numbered = bound(3, { bindingId: '1', device: desk });
    expect(bindingsOf(other, numberless, numbered)).toEqual([{ bindingId: '1', device: desk, boundAt: at(3) }]);
  });
});

describe('two bindings', () => {
  const [one, two] = [bound(1, { bindingId: '1', device: desk }), bound(2, { bindingId: '2', device: sofa })];

  it('stand in the order they were bound', () => {
    expect(bindingsOf(one, two).map(({ bindingId }) => bindingId)).toEqual(['1', '2']);
    expect(bindingsOf(one, two, bound(3, { bindingId: '1' })).map(({ bindingId }) => bindingId)).toEqual(['2', '1']);
    expect(bindingsOf(bound(1, { device: desk }), bound(2, { device: sofa }))).toHaveLength(2);
    expect(bindingsOf(bound(1, { bindingId: '1' }), bound(2, { device: desk }))).toHaveLength(2);
  });

  it('end one by one: by id, by device, or not at all by what names neither', () => {
    expect(bindingsOf(one, two, unbound(3, { bindingId: '1' }))).toMatchObject([{ bindingId: '2' }]);
    expect(bindingsOf(one, two, unbound(3, { device: { id: sofa.id } }))).toMatchObject([{ bindingId: '1' }]);
    expect(bindingsOf(one, two, unbound(3, { bindingId: '3' }))).toHaveLength(2);
    expect(bindingsOf(one, two, unbound(3, { bindingId: '2' }), unbound(4, { device: desk }))).toEqual([]);
    expect(stateOf(one, unbound(3, { bindingId: '1' })).updatedAt).toBe(at(3));
    expect(stateOf(one, unbound(3, { bindingId: '2' })).updatedAt, 'says nothing new').toBe(at(1));
  });

  it('may be of one device: what is told by its id counts for that one, by the device for the newer, and its end for both', () => {
    const same = bound(2, { bindingId: '2', device: desk });
    expect(bindingsOf(one, same).map(({ bindingId }) => bindingId)).toEqual(['1', '2']);
    const renewed = bindingsOf(one, same, bound(3, { device: desk }));
    expect(renewed.map(({ bindingId, boundAt }) => [bindingId, boundAt])).toEqual([
      ['1', at(1)],
      ['2', at(3)],
    ]);
    expect(bindingsOf(one, same, unbound(3, { bindingId: '1', device: desk }))).toMatchObject([{ bindingId: '2' }]);
    expect(bindingsOf(one, same, unbound(3, { device: desk }))).toEqual([]);
  });
});

describe('whatever the order of arrival', () => {
  it('an earlier word does not undo a later one', () => {
    const [binding, letGo, again] = [
      bound(1, { bindingId: '1', device: desk }),
      unbound(2, { bindingId: '1' }),
      bound(3, { bindingId: '1', device: sofa }),
    ] as const;
    expect(deliver([letGo, binding]).state()?.bindings).toEqual([]);
    expect(deliver([again, letGo, binding]).state()?.bindings).toEqual([
      { bindingId: '1', device: sofa, boundAt: at(3) },
    ]);
    const removed = fact('NOTED', 2, { removedFromWallet: true });
    const back = fact('DEVICE_PROVISIONED', 3, { reportedStatus: 'ACTIVE' });
    expect(deliver([back, removed]).state()?.removedFromWalletAt).toBeUndefined();
  });

  it('no two bindings are the same, and the same facts leave the same bindings', () => {
    const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
    const facts = fc.array(
      fc.record({
        seconds: fc.nat({ max: 5 }),
        kind: fc.constantFrom('DEVICE_BOUND' as const, 'DEVICE_UNBOUND' as const),
        bindingId: optional(fc.constantFrom('1', '2')),
        device: optional(fc.record({ id: optional(fc.constantFrom('a', 'b')), name: optional(fc.constant('Desk')) })),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(
        facts.chain((told) => {
          const made = told.map(({ kind, seconds, ...named }) => fact(kind, seconds, named));
          return fc.tuple(fc.constant(made), fc.shuffledSubarray(made, { minLength: made.length }));
        }),
        ([made, shuffled]) => {
          const { bindings } = deliver(made).state() ?? { bindings: [] };
          expect(deliver(shuffled).state()?.bindings ?? []).toEqual(bindings);
          const ids = bindings.flatMap(({ bindingId }) => bindingId ?? []);
          expect(new Set(ids).size).toBe(ids.length);
          for (const { bindingId, device } of bindings) {
            if (bindingId === undefined)
              expect(bindings.filter((other) => other.device?.id === device?.id)).toHaveLength(1);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
