import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TokenFact } from '../generated/records.js';
import { deliver, fact, noon } from './given.js';

const completions = (events: ReturnType<typeof deliver>['events']) =>
  events.filter((e) => e.type === 'tokenline.lifecycle.ProvisioningCompleted');

/** Every order of a short list. */
function orders<T>(list: readonly T[]): T[][] {
  if (list.length <= 1) return [[...list]];
  return list.flatMap((item, i) => orders([...list.slice(0, i), ...list.slice(i + 1)]).map((rest) => [item, ...rest]));
}

const at = (seconds: number): number => noon + seconds * 1_000;

interface Story {
  readonly name: string;
  readonly facts: readonly TokenFact[];
  readonly status: string;
  readonly outcome: string | undefined;
  readonly path: string | undefined;
  readonly completedAt: number | undefined;
}

const visa = { network: 'VTS' } as const;
const mdes = { network: 'MDES' } as const;
const active = { reportedStatus: 'ACTIVE' } as const;
const inactive = { reportedStatus: 'INACTIVE' } as const;

/** The cases of visa-vts-and-thredd-ehi.md 5.4 and seeds/1, 7.1 to 7.5. */
const stories: readonly Story[] = [
  {
    name: 'Visa green, device',
    facts: [
      fact('PROVISIONING_REQUESTED', 0, { ...visa, decision: 'APPROVED' }),
      fact('TOKEN_CREATED', 1, { ...visa, ...active }),
      fact('DEVICE_PROVISIONED', 9, { ...visa, ...active }),
    ],
    status: 'ACTIVE',
    outcome: 'COMPLETED',
    path: 'GREEN',
    completedAt: at(9),
  },
  {
    name: 'Visa yellow, device: complete at the last TEN, not at the TCN',
    facts: [
      fact('PROVISIONING_REQUESTED', 0, { ...visa, decision: 'AUTHENTICATE' }),
      fact('TOKEN_CREATED', 1, { ...visa, ...inactive }),
      fact('ACTIVATION_CODE_ISSUED', 20, { ...visa, ...inactive }),
      fact('DEVICE_PROVISIONED', 22, { ...visa, ...inactive }),
      fact('AUTHENTICATION_SUCCEEDED', 90, { ...visa, ...active }),
    ],
    status: 'ACTIVE',
    outcome: 'COMPLETED',
    path: 'YELLOW',
    completedAt: at(90),
  },
  {
    name: 'Visa yellow, step-up failed',
    facts: [
      fact('PROVISIONING_REQUESTED', 0, { ...visa, decision: 'AUTHENTICATE' }),
      fact('TOKEN_CREATED', 1, { ...visa, ...inactive }),
      fact('ACTIVATION_CODE_ISSUED', 20, { ...visa, ...inactive }),
      fact('DEVICE_PROVISIONED', 22, { ...visa, ...inactive }),
      fact('AUTHENTICATION_FAILED', 300, { ...visa, ...inactive }),
    ],
    status: 'INACTIVE',
    outcome: 'FAILED',
    path: 'YELLOW',
    completedAt: undefined,
  },
  {
    name: 'Visa card on file: complete at the TEN',
    facts: [
      fact('PROVISIONING_REQUESTED', 0, { ...visa, decision: 'APPROVED', tokenType: 'CARD_ON_FILE' }),
      fact('TOKEN_CREATED', 1, { ...visa, ...active, tokenType: 'CARD_ON_FILE' }),
    ],
    status: 'ACTIVE',
    outcome: 'COMPLETED',
    path: 'GREEN',
    completedAt: at(1),
  },
  {
    name: 'Visa browser token',
    facts: [
      fact('PROVISIONING_REQUESTED', 0, { ...visa, decision: 'APPROVED', tokenType: 'BROWSER' }),
      fact('TOKEN_CREATED', 1, { ...visa, ...active, tokenType: 'BROWSER' }),
    ],
    status: 'ACTIVE',
    outcome: 'COMPLETED',
    path: 'GREEN',
    completedAt: at(1),
  },
  {
    name: 'Mastercard green, device: the TCN ends the flow, stated status or not',
    facts: [fact('PROVISIONING_REQUESTED', 0, { ...mdes, decision: 'APPROVED' }), fact('DEVICE_PROVISIONED', 5, mdes)],
    status: 'ACTIVE',
    outcome: 'COMPLETED',
    path: 'GREEN',
    completedAt: at(5),
  },
  {
    name: 'Mastercard yellow, device',
    facts: [
      fact('PROVISIONING_REQUESTED', 0, { ...mdes, decision: 'AUTHENTICATE' }),
      fact('ACTIVATION_CODE_ISSUED', 30, mdes),
      fact('DEVICE_PROVISIONED', 95, { ...mdes, ...active }),
    ],
    status: 'ACTIVE',
    outcome: 'COMPLETED',
    path: 'YELLOW',
    completedAt: at(95),
  },
  {
    name: 'Mastercard card on file',
    facts: [
      fact('PROVISIONING_REQUESTED', 0, { ...mdes, decision: 'APPROVED', tokenType: 'CARD_ON_FILE' }),
      fact('DEVICE_PROVISIONED', 5, { ...mdes, tokenType: 'CARD_ON_FILE' }),
    ],
    status: 'ACTIVE',
    outcome: 'COMPLETED',
    path: 'GREEN',
    completedAt: at(5),
  },
  {
    name: 'declined: never activated, whatever is claimed later',
    facts: [
      fact('PROVISIONING_REQUESTED', 0, { ...visa, decision: 'DECLINED' }),
      fact('TOKEN_CREATED', 1, { ...visa, ...active }),
      fact('DEVICE_PROVISIONED', 9, { ...visa, ...active }),
    ],
    status: 'INACTIVE',
    outcome: 'DECLINED',
    path: 'RED',
    completedAt: undefined,
  },
  {
    name: 'a failed code followed by the right one',
    facts: [
      fact('PROVISIONING_REQUESTED', 0, { ...visa, decision: 'AUTHENTICATE' }),
      fact('DEVICE_PROVISIONED', 22, { ...visa, ...inactive }),
      fact('AUTHENTICATION_FAILED', 60, { ...visa, ...inactive }),
      fact('AUTHENTICATION_SUCCEEDED', 90, { ...visa, ...active }),
    ],
    status: 'ACTIVE',
    outcome: 'COMPLETED',
    path: 'YELLOW',
    completedAt: at(90),
  },
  {
    name: 'the step-up passes before the token reaches the device',
    facts: [
      fact('PROVISIONING_REQUESTED', 0, { ...visa, decision: 'AUTHENTICATE' }),
      fact('TOKEN_CREATED', 1, { ...visa, ...inactive }),
      fact('AUTHENTICATION_SUCCEEDED', 30, { ...visa, ...active }),
      fact('DEVICE_PROVISIONED', 31, { ...visa, ...inactive }),
    ],
    status: 'ACTIVE',
    outcome: 'COMPLETED',
    path: 'YELLOW',
    completedAt: at(30),
  },
];

describe('provisioning', () => {
  it.each(stories)('$name: in every order, each fact twice', ({ facts, status, outcome, path, completedAt }) => {
    for (const order of orders(facts)) {
      const { state, events } = deliver([...order, ...order]);
      expect({
        status: state()?.status,
        outcome: state()?.provisioning.outcome,
        path: state()?.provisioning.path,
        completedAt: state()?.provisioning.completedAt,
      }).toEqual({ status, outcome, path, completedAt });
      expect(completions(events).length).toBeLessThanOrEqual(1);
      if (completedAt !== undefined) expect(completions(events)).toHaveLength(1);
    }
  });

  it('announces a completion at the fact that ended the flow, with what a notice needs', () => {
    const { events } = deliver([
      fact('PROVISIONING_REQUESTED', 0, {
        decision: 'APPROVED',
        wallet: 'APPLE',
        device: { id: 'd1', name: 'Test iPhone' },
      }),
      fact('DEVICE_PROVISIONED', 9, { ...active, card: { ref: 'threddPublicToken:100000001' } }),
    ]);
    expect(completions(events)[0]?.value).toMatchObject({
      completedAt: at(9),
      wallet: 'APPLE',
      tokenType: 'SECURE_ELEMENT',
      device: { name: 'Test iPhone' },
      card: { ref: 'threddPublicToken:100000001' },
    });
  });

  it('announces no completion for a declined or failed request', () => {
    for (const story of stories.filter((s) => s.completedAt === undefined)) {
      expect(completions(deliver(story.facts).events)).toEqual([]);
    }
  });
});

describe('status', () => {
  const live = [fact('PROVISIONING_REQUESTED', 0, { decision: 'APPROVED' }), fact('DEVICE_PROVISIONED', 9, active)];

  it('stays suspended until the last suspender lets go', () => {
    const { state } = deliver([
      ...live,
      fact('TOKEN_SUSPENDED', 100, { actor: 'ISSUER' }),
      fact('TOKEN_SUSPENDED', 110, { actor: 'TOKEN_REQUESTOR' }),
      fact('TOKEN_RESUMED', 120, { actor: 'ISSUER' }),
    ]);
    expect(state()).toMatchObject({ status: 'SUSPENDED', suspendedBy: ['TOKEN_REQUESTOR'] });
  });

  it('is active again when the last suspender has let go', () => {
    const { state } = deliver([
      ...live,
      fact('TOKEN_SUSPENDED', 100, { actor: 'ISSUER' }),
      fact('TOKEN_SUSPENDED', 110, { actor: 'CARDHOLDER' }),
      fact('TOKEN_RESUMED', 120, { actor: 'CARDHOLDER' }),
      fact('TOKEN_RESUMED', 130, { actor: 'ISSUER' }),
    ]);
    expect(state()).toMatchObject({ status: 'ACTIVE', suspendedBy: [] });
  });

  it('takes a reported set of suspenders as the whole set', () => {
    const { state } = deliver([
      ...live,
      fact('TOKEN_SUSPENDED', 100, { actor: 'ISSUER' }),
      fact('STATUS_REPORTED', 110, { suspenders: ['CARDHOLDER'] }),
    ]);
    expect(state()).toMatchObject({ status: 'SUSPENDED', suspendedBy: ['CARDHOLDER'] });
  });

  it('takes the word of the network that the token is active', () => {
    const { state } = deliver([
      ...live,
      fact('TOKEN_SUSPENDED', 100, { actor: 'ISSUER' }),
      fact('TOKEN_RESUMED', 110, { actor: 'UNKNOWN', reportedStatus: 'ACTIVE' }),
    ]);
    expect(state()?.status).toBe('ACTIVE');
  });

  it('keeps a deleted token deleted and says why a later claim is ignored', () => {
    const { state, events } = deliver([...live, fact('TOKEN_DELETED', 200), fact('STATUS_REPORTED', 300, active)]);
    expect(state()?.status).toBe('DELETED');
    expect(events.at(-1)).toMatchObject({
      type: 'tokenline.lifecycle.FactIgnored',
      value: {
        reason: 'ILLEGAL',
        explanation: 'STATUS_REPORTED (ACTIVE) is not legal for a token that is DELETED, COMPLETED.',
      },
    });
  });

  it('does not lower a state that a newer fact raised, and marks the older one late', () => {
    const [requested, created, tcn, activated] = [
      fact('PROVISIONING_REQUESTED', 0, { decision: 'AUTHENTICATE' }),
      fact('TOKEN_CREATED', 1, inactive),
      fact('DEVICE_PROVISIONED', 22, inactive),
      fact('AUTHENTICATION_SUCCEEDED', 90, active),
    ] as const;
    const { state, events } = deliver([requested, created, activated, tcn]);
    expect(state()).toMatchObject({ status: 'ACTIVE', provisioning: { onDeviceAt: at(22), completedAt: at(90) } });
    expect(events.at(-1)).toMatchObject({ type: 'tokenline.lifecycle.TokenChanged', value: { late: true } });
    expect(completions(events)).toHaveLength(1);
  });

  it('is not driven by a device binding, which is a change of its own', () => {
    const binding = fact('DEVICE_BOUND', 50, { reportedStatus: 'INACTIVE', bindingId: '1' });
    const { state, events } = deliver([...live, binding]);
    expect(state()).toMatchObject({ status: 'ACTIVE', bindings: [{ bindingId: '1', boundAt: at(50) }] });
    expect(events.at(-1)).toMatchObject({
      type: 'tokenline.lifecycle.TokenChanged',
      value: { factKind: 'DEVICE_BOUND', changes: [{ field: 'bindings' }] },
    });
  });
});

describe('what is published', () => {
  it('leaves a trace of every fact and counts versions without gaps', () => {
    const story = stories[1] as Story;
    const { events } = deliver([...story.facts, ...story.facts]);
    expect(new Set(events.map((e) => e.value.factId)).size).toBe(story.facts.length);
    const versions = events.filter((e) => e.type === 'tokenline.lifecycle.TokenChanged').map((e) => e.value.version);
    expect(versions).toEqual(versions.map((_, i) => i + 1));
    expect(events.filter((e) => e.type === 'tokenline.lifecycle.FactIgnored')).toHaveLength(story.facts.length);
  });
});

describe('updatedAt', () => {
  const requested = fact('PROVISIONING_REQUESTED', 0, { decision: 'APPROVED', wallet: 'APPLE' });
  const sameAgain = fact('STATUS_REPORTED', 60, { reportedStatus: 'INACTIVE', wallet: 'APPLE' });

  it('is when the newest fact happened that shaped the state, not that of one which said nothing new', () => {
    const { state, events } = deliver([requested, sameAgain]);
    expect(state()?.updatedAt).toBe(requested.occurredAt);
    expect(events.at(-1)?.type).toBe('tokenline.lifecycle.FactNoted');
  });

  it('moves with each thing a fact adds: a word about the token, a name, a step of its life', () => {
    const told = fact('NOTED', 10, { device: { name: 'Test phone' } });
    const named = fact('NOTED', 20, { aliases: [{ kind: 'correlationId', value: 'c1' }] });
    const lived = fact('TOKEN_CREATED', 30, active);
    for (const newest of [told, named, lived]) {
      expect(deliver([requested, newest]).state()?.updatedAt).toBe(newest.occurredAt);
    }
  });

  it('is not moved by the words of a fact that is not legal', () => {
    const declined = fact('PROVISIONING_REQUESTED', 0, { decision: 'DECLINED' });
    const claimed = fact('TOKEN_CREATED', 10, { ...active, wallet: 'GOOGLE' });
    expect(deliver([declined, claimed]).state()).toMatchObject({ updatedAt: declined.occurredAt, wallet: undefined });
  });

  it('is published when it alone changes: readers see what the facts say, in whatever order they came', () => {
    const early = fact('DEVICE_PROVISIONED', 0, { reportedStatus: 'INACTIVE' });
    const late = fact('DEVICE_PROVISIONED', 30, { reportedStatus: 'INACTIVE', device: { name: 'Test phone' } });
    const repeatedLater = fact('NOTED', 10, { device: { name: 'Test phone' } });
    const { state, events } = deliver([early, late, repeatedLater]);
    const last = events.at(-1);
    expect(state()?.updatedAt).toBe(repeatedLater.occurredAt);
    expect(last).toMatchObject({
      type: 'tokenline.lifecycle.TokenChanged',
      value: {
        late: true,
        version: 3,
        changes: [{ field: 'updatedAt' }],
        state: { updatedAt: repeatedLater.occurredAt },
      },
    });
  });
});

describe('merging', () => {
  const [older, younger] = ['older', 'younger'];
  const merge = fact('TOKENS_MERGED', 500, { tokenId: younger, otherTokenId: older, actor: 'TOKENLINE' });

  it('gives the survivor every fact, those that come later too, and one announcement', () => {
    const facts = [
      fact('PROVISIONING_REQUESTED', 0, { tokenId: older, decision: 'APPROVED' }),
      fact('TOKEN_CREATED', 1, { tokenId: younger, ...active }),
      fact('DEVICE_PROVISIONED', 9, { tokenId: younger, ...active }),
      merge,
    ];
    const suspended = fact('TOKEN_SUSPENDED', 100, { tokenId: younger, actor: 'ISSUER' });
    for (const order of orders(facts)) {
      const { state, events } = deliver([...order, suspended]);
      expect(state(older)).toMatchObject({
        status: 'SUSPENDED',
        provisioning: { outcome: 'COMPLETED', completedAt: at(9) },
      });
      expect(completions(events)).toHaveLength(1);
    }
  });
});

describe('merging, while facts are on their way', () => {
  const [older, younger] = ['older', 'younger'];
  const requested = fact('PROVISIONING_REQUESTED', 0, { tokenId: older, decision: 'APPROVED' });
  const onDevice = fact('DEVICE_PROVISIONED', 9, { tokenId: younger, ...active });
  const hears = fact('FACTS_ABSORBED', 500, { tokenId: older, factId: 'absorbing:younger', otherTokenId: younger });
  const merge = fact('TOKENS_MERGED', 500, { tokenId: younger, otherTokenId: older, actor: 'TOKENLINE' });
  const announcedBy = (events: ReturnType<typeof deliver>['events']) => completions(events).map((e) => e.value.tokenId);

  it('the survivor announces nothing before it knows whether the other has', () => {
    // A repeat of the fact that completed the younger reaches the survivor before the younger's own facts do.
    const { events } = deliver([requested, onDevice, hears, { ...onDevice, tokenId: older }, merge]);
    expect(announcedBy(events)).toEqual([younger]);
  });

  it('the survivor announces once it knows that the other has not', () => {
    const alone = deliver([requested, hears, { ...onDevice, tokenId: older }]);
    expect(announcedBy(alone.events)).toEqual([]);
    expect(announcedBy(deliver([merge], alone.tokens).events)).toEqual([older]);
  });

  it('waits for each of several others, and passes the waiting on when it merges itself', () => {
    const third = fact('FACTS_ABSORBED', 600, { tokenId: older, factId: 'absorbing:third', otherTokenId: 'third' });
    const mergeThird = fact('TOKENS_MERGED', 600, { tokenId: 'third', otherTokenId: older });
    const eldest = fact('FACTS_ABSORBED', 700, { tokenId: 'eldest', factId: 'absorbing:older', otherTokenId: older });
    const mergeOlder = fact('TOKENS_MERGED', 700, { tokenId: older, otherTokenId: 'eldest' });
    const facts = [requested, hears, third, { ...onDevice, tokenId: older }, merge, eldest, mergeOlder];
    const waiting = deliver(facts);
    expect(announcedBy(waiting.events)).toEqual([]);
    expect(announcedBy(deliver([mergeThird], waiting.tokens).events)).toEqual(['eldest']);
  });

  it('shows nothing of the merge itself in the state: the same facts give the same state, merged or not', () => {
    const declined = fact('PROVISIONING_REQUESTED', 0, { tokenId: older, decision: 'DECLINED' });
    const claimed = fact('STATUS_REPORTED', 500, { tokenId: older, ...active });
    const plain = deliver([declined, claimed]).state(older);
    const merged = deliver([declined, hears, { ...merge, network: 'MDES' }, claimed]).state(older);
    expect(merged).toEqual(plain);
  });
});

describe('any order, any repeats', () => {
  const kinds = [
    'PROVISIONING_REQUESTED',
    'TOKEN_CREATED',
    'ACTIVATION_CODE_ISSUED',
    'DEVICE_PROVISIONED',
    'AUTHENTICATION_SUCCEEDED',
    'AUTHENTICATION_FAILED',
    'STATUS_REPORTED',
    'TOKEN_SUSPENDED',
    'TOKEN_RESUMED',
    'TOKEN_DELETED',
    'TOKEN_UPDATED',
    'DEVICE_BOUND',
    'DEADLINE_PASSED',
    'NOTED',
  ] as const;
  const anyFact = fc
    .record({
      kind: fc.constantFrom(...kinds),
      seconds: fc.integer({ min: 0, max: 20 }),
      network: fc.constantFrom('VTS', 'MDES'),
      decision: fc.option(fc.constantFrom('APPROVED', 'AUTHENTICATE', 'DECLINED'), { nil: undefined }),
      reportedStatus: fc.option(fc.constantFrom('INACTIVE', 'ACTIVE', 'SUSPENDED', 'DELETED'), { nil: undefined }),
      actor: fc.constantFrom('ISSUER', 'CARDHOLDER', 'TOKEN_REQUESTOR', 'NETWORK'),
      suspenders: fc.option(fc.uniqueArray(fc.constantFrom('ISSUER', 'CARDHOLDER')), { nil: undefined, freq: 6 }),
      tokenType: fc.option(fc.constantFrom('SECURE_ELEMENT', 'HCE', 'CARD_ON_FILE', 'BROWSER', 'OTHER'), {
        nil: undefined,
      }),
      wallet: fc.option(fc.constantFrom('APPLE', 'GOOGLE'), { nil: undefined }),
    })
    .map(({ kind, seconds, ...extra }) => fact(kind, seconds, extra as Partial<TokenFact>));

  it('end in one state, with at most one announcement', () => {
    fc.assert(
      fc.property(
        fc
          .array(anyFact, { minLength: 1, maxLength: 10 })
          .chain((facts) =>
            fc.tuple(
              fc.constant(facts),
              fc.shuffledSubarray([...facts, ...facts], { minLength: facts.length * 2, maxLength: facts.length * 2 }),
            ),
          ),
        ([facts, shuffled]) => {
          const inOrder = deliver(facts);
          const mixed = deliver(shuffled);
          expect(mixed.state()).toEqual(inOrder.state());
          expect(completions(mixed.events).length).toBeLessThanOrEqual(1);
          if (inOrder.state()?.provisioning.completedAt !== undefined)
            expect(completions(mixed.events)).toHaveLength(1);
        },
      ),
      { numRuns: 500 },
    );
  });
});
