import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Alias } from '../generated/records.js';
import { aliasKey, isStrong } from './alias.js';
import {
  type Identity,
  type IdentityDecision,
  type IdentityPlan,
  type IdentityView,
  identitiesOf,
  type NamedMessage,
  namesOf,
  planIdentities,
} from './resolve.js';

const tokenIdOf = (key: string) => `token(${key})`;

/** Stands for the store: reads what a plan may look at, writes what it says, checks that nothing else was needed. */
function memory() {
  const aliases = new Map<string, string>();
  const identities = new Map<string, Identity>();
  const survivorOf = (id: string): string => {
    const next = identities.get(id)?.mergedInto;
    return next === undefined ? id : survivorOf(next);
  };
  return {
    aliases,
    identities,
    survivorOf,
    resolve: (messages: readonly NamedMessage[]): readonly IdentityDecision[] => {
      const tokenOf = new Map(
        [...namesOf(messages)].flatMap((key) => (aliases.has(key) ? [[key, aliases.get(key) as string]] : [])),
      );
      const seen = new Map<string, Identity>();
      for (const id of identitiesOf(messages, tokenOf, tokenIdOf)) {
        for (let at: string | undefined = id; at !== undefined; at = identities.get(at)?.mergedInto) {
          const identity = identities.get(at);
          if (identity !== undefined) seen.set(at, identity);
        }
      }
      const view: IdentityView = { tokenOf, identities: seen };
      const plan: IdentityPlan = planIdentities(messages, view, tokenIdOf);
      for (const [key, tokenId] of plan.aliases) {
        expect(aliases.has(key), 'a name never moves').toBe(false);
        aliases.set(key, tokenId);
      }
      for (const { before, after } of plan.changes) {
        expect(before).toEqual(identities.get(after.tokenId));
        identities.set(after.tokenId, after);
      }
      return plan.decisions;
    },
  };
}

function message(at: number, ...names: readonly string[]): NamedMessage {
  return { at, aliases: names.map(named) };
}

function named(text: string): Alias {
  const [kind, value] = text.split(':') as [string, string];
  return {
    kind: { P: 'threddPaymentTokenId', R: 'tokenReferenceId', X: 'lifecycleTraceId', C: 'correlationId' }[kind] ?? kind,
    value,
  };
}

function resolveAll(...messages: readonly NamedMessage[]) {
  const store = memory();
  const decisions = messages.map((m) => store.resolve([m])[0] as IdentityDecision);
  return { store, decisions, tokens: decisions.map((d) => store.survivorOf(d.tokenId)) };
}

describe('a message with new names', () => {
  it('makes a token whose id comes from its strongest name', () => {
    const { decisions } = resolveAll(message(1, 'X:1', 'P:7'));
    expect(decisions[0]).toEqual({ tokenId: 'token(threddPaymentTokenId:7)', merges: [], conflicts: [] });
  });

  it('joins the token a weaker name leads to', () => {
    const { store, tokens, decisions } = resolveAll(
      message(1, 'X:1'),
      message(2, 'P:7', 'R:a', 'X:1'),
      message(3, 'R:a'),
    );
    expect(new Set(tokens)).toEqual(new Set(['token(lifecycleTraceId:1)']));
    expect(
      decisions.flatMap(({ merges }) => merges),
      'no second token was made for it',
    ).toEqual([]);
    expect(store.identities.get('token(lifecycleTraceId:1)')?.strong).toEqual({
      threddPaymentTokenId: '7',
      tokenReferenceId: 'a',
    });
  });

  it('keeps to the token it was given', () => {
    const { tokens } = resolveAll({ at: 1, tokenId: 'given', aliases: [named('P:7')] }, message(2, 'P:7'));
    expect(tokens).toEqual(['given', 'given']);
  });

  it('that says what is known already has nothing written', () => {
    const one = message(1, 'P:7', 'X:1');
    const { aliases, changes } = planIdentities([one], { tokenOf: new Map(), identities: new Map() }, tokenIdOf);
    const known = new Map(changes.map(({ after }) => [after.tokenId, after]));
    const again = planIdentities([message(2, 'X:1'), one], { tokenOf: aliases, identities: known }, tokenIdOf);
    expect([...again.aliases, ...again.changes]).toEqual([]);
  });

  it('has a name, or an id', () => {
    expect(() => resolveAll(message(1))).toThrow('has no identity');
    expect(resolveAll({ at: 1, tokenId: 'given', aliases: [] }).tokens).toEqual(['given']);
  });
});

describe('what must be read for a batch', () => {
  const known = new Map([['threddPaymentTokenId:7', 'first']]);

  it('is the tokens its names lead to', () => {
    expect([...identitiesOf([message(1, 'P:7', 'X:1')], known, tokenIdOf)]).toEqual(['first']);
  });

  it('is the tokens it gives, names or not', () => {
    const messages = [{ at: 1, tokenId: 'given', aliases: [named('P:8')] }];
    expect([...identitiesOf(messages, known, tokenIdOf)]).toEqual(['first', 'given']);
  });

  it('is the tokens its strongest names would make', () => {
    const messages = [message(1, 'X:1', 'P:8'), message(2)];
    expect([...identitiesOf(messages, known, tokenIdOf)]).toEqual(['first', 'token(threddPaymentTokenId:8)']);
  });
});

describe('a message that shows two tokens to be one', () => {
  const apart = [message(1, 'X:1'), message(2, 'P:7')];

  it('merges the younger into the older and says so once', () => {
    const { decisions, tokens } = resolveAll(...apart, message(3, 'P:7', 'X:1'), message(4, 'P:7'));
    expect(decisions[2]).toEqual({
      tokenId: 'token(lifecycleTraceId:1)',
      merges: [{ younger: 'token(threddPaymentTokenId:7)', survivor: 'token(lifecycleTraceId:1)' }],
      conflicts: [],
    });
    expect(tokens[3]).toBe('token(lifecycleTraceId:1)');
  });

  it('merges into the one of the lesser id where both are of one time', () => {
    for (const both of [apart, [...apart].reverse()]) {
      const sameTime = both.map((m) => ({ ...m, at: 1 }));
      expect(resolveAll(...sameTime, message(3, 'P:7', 'X:1')).tokens[2]).toBe('token(lifecycleTraceId:1)');
    }
    const strongestIsLess = resolveAll(message(1, 'R:a'), message(1, 'P:7'), message(3, 'P:7', 'R:a'));
    expect(strongestIsLess.tokens[2]).toBe('token(threddPaymentTokenId:7)');
  });

  it('says so again until the merge is known to be in the log', () => {
    const store = memory();
    store.resolve(apart);
    store.resolve([message(3, 'P:7', 'X:1')]);
    const [again, quiet] = store.resolve([message(3, 'P:7', 'X:1'), message(4, 'P:7')]);
    expect(again?.merges).toEqual([
      { younger: 'token(threddPaymentTokenId:7)', survivor: 'token(lifecycleTraceId:1)' },
    ]);
    expect(quiet?.merges).toEqual([]);
    const younger = store.identities.get('token(threddPaymentTokenId:7)') as Identity;
    store.identities.set(younger.tokenId, { ...younger, mergeAnnounced: true });
    expect(store.resolve([message(5, 'P:7', 'X:1')])[0]?.merges).toEqual([]);
  });

  it('follows chains of merges to the last survivor', () => {
    const { tokens, store } = resolveAll(
      message(3, 'X:1'),
      message(2, 'P:7'),
      message(1, 'R:a'),
      message(4, 'P:7', 'X:1'),
      message(5, 'R:a', 'P:7'),
      message(6, 'X:1'),
    );
    expect(tokens[5]).toBe('token(tokenReferenceId:a)');
    expect(store.identities.get('token(tokenReferenceId:a)')?.strong).toEqual({
      threddPaymentTokenId: '7',
      tokenReferenceId: 'a',
    });
  });
});

describe('strong names', () => {
  it('keep tokens apart that share a trace', () => {
    const { decisions, tokens, store } = resolveAll(
      message(1, 'P:7', 'X:1'),
      message(2, 'P:8', 'X:1'),
      message(3, 'X:1'),
    );
    expect(tokens).toEqual([
      'token(threddPaymentTokenId:7)',
      'token(threddPaymentTokenId:8)',
      'token(threddPaymentTokenId:7)',
    ]);
    expect(decisions[1]?.conflicts).toEqual([{ alias: named('X:1'), heldBy: 'token(threddPaymentTokenId:7)' }]);
    expect(store.aliases.get('lifecycleTraceId:1')).toBe('token(threddPaymentTokenId:7)');
  });

  it('of one message that lead to different tokens: the strongest is believed', () => {
    const { decisions, tokens } = resolveAll(
      message(1, 'P:7', 'R:a'),
      message(2, 'P:8', 'R:b'),
      message(3, 'P:7', 'R:b'),
    );
    expect(tokens[2]).toBe('token(threddPaymentTokenId:7)');
    expect(decisions[2]?.conflicts).toEqual([{ alias: named('R:b'), heldBy: 'token(threddPaymentTokenId:8)' }]);
  });

  it('a message claims keep out tokens that contradict them, also where another token has the claim', () => {
    const { decisions, tokens } = resolveAll(
      message(1, 'P:2', 'R:a'),
      message(2, 'R:b', 'X:1'),
      message(3, 'P:1', 'R:a', 'X:1'),
    );
    expect(new Set(tokens).size).toBe(3);
    expect(decisions[2]?.conflicts).toEqual([
      { alias: named('R:a'), heldBy: 'token(threddPaymentTokenId:2)' },
      { alias: named('X:1'), heldBy: 'token(tokenReferenceId:b)' },
    ]);
  });

  it('that are new but contradict the token are given to nobody', () => {
    const { decisions, store } = resolveAll(message(1, 'P:7', 'R:a'), message(2, 'P:7', 'R:b'));
    expect(decisions[1]?.conflicts).toEqual([{ alias: named('R:b') }]);
    expect(store.aliases.has('tokenReferenceId:b')).toBe(false);
  });
});

/** A world without contradictions: each name belongs to one token, each token has one name of a strong kind. */
const consistentWorld = fc
  .record({
    tokens: fc.integer({ min: 1, max: 4 }),
    picks: fc.array(fc.tuple(fc.nat(3), fc.subarray(['P', 'R', 'X', 'X2', 'C'], { minLength: 1 })), {
      minLength: 1,
      maxLength: 14,
    }),
  })
  .map(({ tokens, picks }) =>
    picks.map(([pick, kinds], i): NamedMessage => {
      const token = pick % tokens;
      return message(i, ...kinds.map((kind) => (kind === 'X2' ? `X:second-${token}` : `${kind}:${token}`)));
    }),
  );

/** A world where anything may be named anything. */
const anyWorld = fc.array(
  fc
    .uniqueArray(fc.tuple(fc.constantFrom('P', 'R', 'X', 'C'), fc.integer({ min: 1, max: 3 })), {
      minLength: 1,
      maxLength: 4,
      selector: ([kind]) => kind,
    })
    .map((names) => message(1, ...names.map(([kind, value]) => `${kind}:${value}`))),
  { minLength: 1, maxLength: 14 },
);

/** Which messages ended up together, each told by the first of its group. */
function partition(tokens: readonly string[]): readonly number[] {
  return tokens.map((token) => tokens.indexOf(token));
}

/** The same, by following shared names: what identity is meant to compute. */
function connected(messages: readonly NamedMessage[]): readonly number[] {
  const group = messages.map((_, i) => i);
  for (let changed = true; changed; ) {
    changed = false;
    messages.forEach((a, i) => {
      messages.forEach((b, j) => {
        const shared = a.aliases.some((x) => b.aliases.some((y) => aliasKey(x) === aliasKey(y)));
        const low = Math.min(group[i] as number, group[j] as number);
        if (shared && (group[i] !== low || group[j] !== low)) {
          group[i] = low;
          group[j] = low;
          changed = true;
        }
      });
    });
  }
  return group;
}

describe('whatever the order, the repeats and the cut into batches', () => {
  const shuffled = <T>(items: readonly T[], seed: number): readonly T[] =>
    items
      .map((item, i) => ({ item, key: Math.imul(i + 1, 2654435761 ^ seed) >>> 0 }))
      .sort((a, b) => a.key - b.key)
      .map(({ item }) => item);

  it('consistent sources: messages end up together exactly when names connect them, without conflicts', () => {
    fc.assert(
      fc.property(consistentWorld, fc.nat(), fc.integer({ min: 1, max: 5 }), (world, seed, size) => {
        const arrivals = shuffled([...world, ...shuffled(world, seed + 1)], seed);
        const store = memory();
        const decided = new Map<NamedMessage, string>();
        for (let at = 0; at < arrivals.length; at += size) {
          const batch = arrivals.slice(at, at + size);
          store.resolve(batch).forEach((decision, i) => {
            expect(decision.conflicts).toEqual([]);
            decided.set(batch[i] as NamedMessage, decision.tokenId);
          });
        }
        const tokens = world.map((m) => store.survivorOf(decided.get(m) as string));
        expect(partition(tokens)).toEqual(connected(world));
      }),
      { numRuns: 500 },
    );
  });

  it('a batch gives the same as its messages one by one', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const one = memory();
        const singly = world.map((m) => one.resolve([m])[0]?.tokenId);
        const together = memory();
        expect(together.resolve(world).map((d) => d.tokenId)).toEqual(singly);
        expect([...together.aliases]).toEqual([...one.aliases]);
      }),
    );
  });

  it('any sources: no token ever holds two strong names of a kind, and every disbelieved name is reported', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const store = memory();
        for (const m of world) {
          const decision = store.resolve([m])[0] as IdentityDecision;
          const home = store.survivorOf(decision.tokenId);
          expect(home, 'a decision names a survivor').toBe(decision.tokenId);
          for (const alias of m.aliases) {
            const owner = store.aliases.get(aliasKey(alias));
            const believed = owner !== undefined && store.survivorOf(owner) === home;
            const reported = decision.conflicts.some((c) => aliasKey(c.alias) === aliasKey(alias));
            expect(believed).toBe(!reported);
          }
        }
        const held = new Map<string, string>();
        for (const [key, tokenId] of store.aliases) {
          const kind = key.split(':')[0] as string;
          if (!isStrong(kind)) continue;
          const slot = `${store.survivorOf(tokenId)} ${kind}`;
          expect(held.get(slot) ?? key).toBe(key);
          held.set(slot, key);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('which id survives depends on order, and only that: here is why nothing may hold on to a younger id', () => {
    const parts = [message(1, 'X:1'), message(2, 'P:7'), message(3, 'P:7', 'X:1')];
    expect(resolveAll(...parts).tokens[2]).toBe('token(lifecycleTraceId:1)');
    expect(resolveAll(...[...parts].reverse()).tokens[0]).toBe('token(threddPaymentTokenId:7)');
  });
});
