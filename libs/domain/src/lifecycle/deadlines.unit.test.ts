import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Deadline, DeadlinePurpose, TokenFact } from '../generated/records.js';
import {
  type DeadlineRule,
  type DeadlineRules,
  deadlineFact,
  isMissed,
  nextDeadline,
  standardDeadlineRules,
} from './deadlines.js';
import type { LifecycleRecord } from './decide.js';
import { deliver, fact, noon } from './given.js';

const day = 86_400;
const at = (seconds: number): number => noon + seconds * 1_000;
const active = { reportedStatus: 'ACTIVE' } as const;
const requested = fact('PROVISIONING_REQUESTED', 0, { decision: 'AUTHENTICATE', wallet: 'APPLE' });
const completed = fact('AUTHENTICATION_SUCCEEDED', 90, active);

/** The fact that a deadline passed, both in seconds after noon, as the scheduler states it for a token. */
function passed(purpose: DeadlinePurpose, since: number, due: number, tokenId = 't1'): TokenFact {
  return deadlineFact({ tokenId, network: 'VTS' }, { purpose, since: at(since), dueAt: at(due) }, at(due) + 400);
}

/** The next deadline after these facts, as purpose and seconds after noon. */
function next(facts: readonly TokenFact[], rules: DeadlineRules = standardDeadlineRules): string | undefined {
  const memory = deliver(facts).tokens.get('t1');
  if (memory === undefined) throw new Error('There are facts.');
  const deadline = nextDeadline({ state: memory.folded.state, facts: memory.stored.facts }, rules);
  return deadline && `${deadline.purpose} ${(deadline.dueAt - noon) / 1_000}`;
}

const told = (events: readonly LifecycleRecord[]): readonly string[] =>
  events.flatMap(({ type, value }) =>
    type === 'tokenline.lifecycle.DeadlinePassed'
      ? [`${value.tokenId} ${value.deadline.purpose} ${(value.deadline.dueAt - noon) / 1_000}`]
      : [],
  );

describe('the next deadline of a token', () => {
  it.each<[string, readonly TokenFact[], string | undefined]>([
    ['just requested: a day', [requested], `PROVISIONING_UNFINISHED ${day}`],
    [
      'reminded once: a week',
      [requested, passed('PROVISIONING_UNFINISHED', 0, day)],
      `PROVISIONING_UNFINISHED ${7 * day}`,
    ],
    [
      'reminded twice: given up after 30 days',
      [requested, passed('PROVISIONING_UNFINISHED', 0, day), passed('PROVISIONING_UNFINISHED', 0, 7 * day)],
      `TOKEN_ABANDONED ${30 * day}`,
    ],
    ['stepped up in vain', [requested, fact('AUTHENTICATION_FAILED', 60)], `PROVISIONING_UNFINISHED ${day}`],
    [
      'authenticated, not active',
      [requested, fact('AUTHENTICATION_SUCCEEDED', 60, { reportedStatus: 'INACTIVE' })],
      `PROVISIONING_UNFINISHED ${day}`,
    ],
    ['given up: none', [requested, passed('TOKEN_ABANDONED', 0, 30 * day)], undefined],
    ['declined: none', [fact('PROVISIONING_REQUESTED', 0, { decision: 'DECLINED' })], undefined],
    ['deleted before the end: none', [requested, fact('TOKEN_DELETED', 60)], undefined],
    ['complete: a week without a purchase', [requested, completed], `TOKEN_UNUSED ${90 + 7 * day}`],
    [
      'complete, reminded: two weeks',
      [requested, completed, passed('TOKEN_UNUSED', 90, 90 + 7 * day)],
      `TOKEN_UNUSED ${90 + 14 * day}`,
    ],
    [
      'complete, of a browser too',
      [fact('TOKEN_CREATED', 5, { ...active, tokenType: 'BROWSER' })],
      `TOKEN_UNUSED ${5 + 7 * day}`,
    ],
    ['complete and held down: none', [requested, completed, fact('TOKEN_SUSPENDED', 100)], undefined],
    [
      'resumed: as before',
      [requested, completed, fact('TOKEN_SUSPENDED', 100), fact('TOKEN_RESUMED', 200)],
      `TOKEN_UNUSED ${90 + 7 * day}`,
    ],
    ['used: none', [requested, completed, fact('TOKEN_USED', 100)], undefined],
    ['complete and deleted: none', [requested, completed, fact('TOKEN_DELETED', 100)], undefined],
    ['without a request: none', [fact('ACTIVATION_CODE_ISSUED', 5)], undefined],
  ])('%s', (_, facts, expected) => {
    expect(next(facts)).toBe(expected);
  });

  it('is not the same again when a late fact has moved the beginning', () => {
    const earlier = fact('PROVISIONING_REQUESTED', -30, { decision: 'APPROVED' });
    expect(next([requested, passed('PROVISIONING_UNFINISHED', 0, day), earlier])).toBe(
      `PROVISIONING_UNFINISHED ${7 * day - 30}`,
    );
  });

  it('follows the rules for its token; of two at one time the rule that comes first', () => {
    const rules: DeadlineRules = ({ wallet }) =>
      wallet === 'APPLE'
        ? [
            { purpose: 'TOKEN_ABANDONED', afterMs: 5_000 },
            { purpose: 'PROVISIONING_UNFINISHED', afterMs: 5_000 },
          ]
        : [];
    expect(next([requested], rules)).toBe('TOKEN_ABANDONED 5');
    expect(
      next([fact('PROVISIONING_REQUESTED', 0, { decision: 'APPROVED', wallet: 'GOOGLE' })], rules),
    ).toBeUndefined();
  });

  it('fired at its time, one after the other, comes to an end: each rule once', () => {
    const rule = fc.record({
      purpose: fc.constantFrom<DeadlineRule['purpose']>('PROVISIONING_UNFINISHED', 'TOKEN_UNUSED', 'TOKEN_ABANDONED'),
      afterMs: fc.integer({ min: 0, max: 5 }).map((n) => n * 1_000),
    });
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 8 }), fc.boolean(), (rules, complete) => {
        const facts = complete ? [requested, completed] : [requested];
        const fired: Deadline[] = [];
        for (let left = 20; left > 0; left--) {
          const memory = deliver(facts).tokens.get('t1');
          if (memory === undefined) throw new Error('There are facts.');
          const deadline = nextDeadline({ state: memory.folded.state, facts: memory.stored.facts }, () => rules);
          if (deadline === undefined) break;
          expect(deadline.dueAt).toBeGreaterThanOrEqual(fired.at(-1)?.dueAt ?? 0);
          fired.push(deadline);
          facts.push(deadlineFact(memory.folded.state, deadline, deadline.dueAt));
        }
        const keys = fired.map(({ purpose, dueAt }) => `${purpose} ${dueAt}`);
        expect(new Set(keys).size).toBe(keys.length);
        expect(told(deliver(facts).events)).toHaveLength(keys.length);
        const givenUp = rules.filter(({ purpose }) => purpose === 'TOKEN_ABANDONED').map(({ afterMs }) => afterMs);
        const due = rules.filter(({ purpose, afterMs }) =>
          complete ? purpose === 'TOKEN_UNUSED' : purpose !== 'TOKEN_UNUSED' && afterMs < Math.min(...givenUp),
        );
        for (const { purpose, afterMs } of due)
          expect(keys).toContain(`${purpose} ${(complete ? at(90) : noon) + afterMs}`);
      }),
    );
  });
});

describe('the fact that a deadline has passed', () => {
  it('happened when it was due, is known by token, purpose and time, and says nothing else of the token', () => {
    const deadline = { purpose: 'TOKEN_UNUSED', since: noon, dueAt: at(60) } as const;
    expect(deadlineFact({ tokenId: 't1', network: undefined }, deadline, at(75))).toEqual({
      factId: `deadline:t1:TOKEN_UNUSED:${at(60)}`,
      tokenId: 't1',
      network: 'UNKNOWN',
      kind: 'DEADLINE_PASSED',
      occurredAt: at(60),
      occurredAtSource: 'SOURCE',
      receivedAt: at(75),
      source: 'lifecycle',
      sourceMessageId: `deadline:t1:TOKEN_UNUSED:${at(60)}`,
      actor: 'TOKENLINE',
      aliases: [],
      deadline,
    });
  });

  it('is no word about the network: an old one does not outlast a newer', () => {
    const corrected = fact('NOTED', 30, { network: 'MDES' });
    expect(deliver([requested, passed('PROVISIONING_UNFINISHED', 0, day), corrected]).state()?.network).toBe('MDES');
  });

  it('is told with what a notice names, while what was waited for has not happened', () => {
    const { events } = deliver([requested, passed('PROVISIONING_UNFINISHED', 0, day)]);
    expect(events.slice(-2)).toMatchObject([
      { type: 'tokenline.lifecycle.FactNoted', value: { version: 1, late: false } },
      {
        type: 'tokenline.lifecycle.DeadlinePassed',
        value: {
          version: 1,
          occurredAt: at(day),
          wallet: 'APPLE',
          tokenType: 'SECURE_ELEMENT',
          network: 'VTS',
          deadline: { purpose: 'PROVISIONING_UNFINISHED', since: noon, dueAt: at(day) },
        },
      },
    ]);
  });

  it.each<[string, readonly TokenFact[]]>([
    ['the provisioning is complete', [requested, completed, passed('PROVISIONING_UNFINISHED', 0, day)]],
    [
      'it was complete in time, as a late fact says',
      [requested, completed, fact('TOKEN_UPDATED', 2 * day), passed('PROVISIONING_UNFINISHED', 0, day)],
    ],
    ['the token is deleted', [requested, fact('TOKEN_DELETED', 60), passed('PROVISIONING_UNFINISHED', 0, day)]],
    ['it is given up', [requested, passed('TOKEN_ABANDONED', 0, 60), passed('PROVISIONING_UNFINISHED', 0, day)]],
    ['the token is used', [requested, completed, fact('TOKEN_USED', 100), passed('TOKEN_UNUSED', 90, 500)]],
    ['the token is not complete', [requested, passed('TOKEN_UNUSED', 0, 500)]],
    ['nobody knows of a request', [passed('PROVISIONING_UNFINISHED', 0, day)]],
    ['it is a purpose this release does not know', [requested, passed('UNKNOWN', 0, day)]],
    ['it names no deadline', [requested, fact('DEADLINE_PASSED', day)]],
    ['another kind of fact names one', [requested, { ...passed('PROVISIONING_UNFINISHED', 0, day), kind: 'NOTED' }]],
  ])('is not told where %s', (_, facts) => {
    const last = facts.at(-1)?.factId;
    const { events } = deliver(facts);
    expect(events.filter(({ value }) => value.factId === last).map(({ type }) => type)).not.toContain(
      'tokenline.lifecycle.DeadlinePassed',
    );
    expect(events.at(-1)?.value.factId, 'it leaves its trace').toBe(last);
  });

  it('gives a provisioning up after its 30 days, and is told', () => {
    const { state, events } = deliver([requested, passed('TOKEN_ABANDONED', 0, 30 * day)]);
    expect(state()).toMatchObject({ provisioning: { outcome: 'ABANDONED' }, updatedAt: at(30 * day) });
    expect(told(events)).toEqual([`t1 TOKEN_ABANDONED ${30 * day}`]);
  });

  it('of a reminder moves nothing', () => {
    const { state } = deliver([requested, passed('PROVISIONING_UNFINISHED', 0, day)]);
    expect(state()).toMatchObject({ provisioning: { outcome: 'AWAITING_AUTHENTICATION' }, updatedAt: noon });
  });

  it('ends as in order when the completion came before it and arrives after it', () => {
    const gaveUp = passed('TOKEN_ABANDONED', 0, 30 * day);
    const late = deliver([requested, gaveUp, completed]);
    expect(late.state()).toEqual(deliver([requested, completed, gaveUp]).state());
    expect(late.state()?.provisioning).toMatchObject({ outcome: 'COMPLETED', completedAt: at(90) });
  });
});

describe('deadlines and merges', () => {
  const merge = fact('TOKENS_MERGED', 500, { tokenId: 'young', otherTokenId: 't1' });
  const young = { ...fact('PROVISIONING_REQUESTED', 5, { decision: 'APPROVED' }), tokenId: 'young' };
  const ofYoung = passed('PROVISIONING_UNFINISHED', 5, day + 5, 'young');

  it('one that the younger was told of is not told of again, and counts as passed for the survivor', () => {
    const { events, tokens } = deliver([requested, young, ofYoung, merge]);
    expect(told(events)).toEqual([`young PROVISIONING_UNFINISHED ${day + 5}`]);
    const memory = tokens.get('t1');
    const { facts = [] } = memory?.stored ?? {};
    expect(facts.find(({ kind }) => kind === 'DEADLINE_PASSED')?.otherTokenId).toBe('young');
    const deadline = memory && nextDeadline({ state: memory.folded.state, facts }, standardDeadlineRules);
    expect(deadline).toMatchObject({ purpose: 'PROVISIONING_UNFINISHED', dueAt: at(7 * day) });
  });

  it('one that was on its way to the younger is told of by the survivor', () => {
    expect(told(deliver([requested, young, merge, ofYoung]).events)).toEqual([`t1 PROVISIONING_UNFINISHED ${day + 5}`]);
  });

  it('one that both have is told of by the survivor once', () => {
    const own = passed('PROVISIONING_UNFINISHED', 0, day);
    expect(told(deliver([requested, own, young, merge, ofYoung]).events)).toEqual([
      `t1 PROVISIONING_UNFINISHED ${day}`,
    ]);
  });

  it('keep their first owner through several merges', () => {
    const again = fact('TOKENS_MERGED', 600, { tokenId: 't1', otherTokenId: 'old' });
    const { events, tokens } = deliver([young, ofYoung, merge, again]);
    expect(told(events)).toHaveLength(1);
    const facts = tokens.get('old')?.stored.facts ?? [];
    expect(facts.find(({ kind }) => kind === 'DEADLINE_PASSED')?.otherTokenId).toBe('young');
  });
});

describe('purchases', () => {
  const uses = [300, 200, 250].map((seconds) => fact('TOKEN_USED', seconds));
  const [, earliest] = uses;

  it('show since when a token is used; only the earliest is remembered, and each leaves a trace', () => {
    const { state, tokens, events } = deliver([requested, completed, ...uses]);
    expect(state()?.firstUsedAt).toBe(at(200));
    expect(tokens.get('t1')?.stored.facts.filter(({ kind }) => kind === 'TOKEN_USED')).toEqual([earliest]);
    const [first, second, third] = uses.map(({ factId }) => events.filter(({ value }) => value.factId === factId));
    expect(first).toMatchObject([
      { value: { changes: [{ field: 'firstUsedAt', to: new Date(at(300)).toISOString() }] } },
    ]);
    expect(second).toMatchObject([{ value: { late: true, changes: [{ field: 'firstUsedAt' }] } }]);
    expect(third).toMatchObject([{ type: 'tokenline.lifecycle.FactNoted', value: { late: false } }]);
  });

  it('of one instant: the same is remembered in any order', () => {
    const twins = [fact('TOKEN_USED', 200), fact('TOKEN_USED', 200)];
    const remembered = (facts: readonly TokenFact[]) => deliver(facts).tokens.get('t1')?.stored.facts;
    expect(remembered(twins.toReversed())).toEqual(remembered(twins));
  });

  it('are no word about the status', () => {
    expect(deliver([fact('TOKEN_USED', 5, active)]).state()).toMatchObject({ status: 'INACTIVE', firstUsedAt: at(5) });
  });
});

describe('in any order, with any repeats', () => {
  const purposes = ['PROVISIONING_UNFINISHED', 'TOKEN_UNUSED', 'TOKEN_ABANDONED'] as const;
  const anyFact = fc.oneof(
    fc.constantFrom(requested, completed, fact('TOKEN_DELETED', 60), fact('AUTHENTICATION_FAILED', 40)),
    fc.integer({ min: 0, max: 200 }).map((seconds) => ({ ...fact('TOKEN_USED', seconds), factId: `use-${seconds}` })),
    fc
      .tuple(fc.constantFrom(...purposes), fc.constantFrom(10, 50, 100), fc.constantFrom(50, 150))
      .map(([purpose, since, due]) => passed(purpose, Math.min(since, due), due)),
  );
  const twoOrders = fc
    .uniqueArray(anyFact, { minLength: 1, maxLength: 8, selector: ({ factId }) => factId })
    .chain((facts) =>
      fc.tuple(
        fc.constant(facts),
        fc.shuffledSubarray([...facts, ...facts], { minLength: facts.length * 2, maxLength: facts.length * 2 }),
      ),
    );

  it('the state is one and the facts remembered are the same; of the purchases one', () => {
    fc.assert(
      fc.property(twoOrders, ([facts, mixed]) => {
        const [inOrder, other] = [deliver(facts), deliver(mixed)];
        expect(other.state()).toEqual(inOrder.state());
        expect(other.tokens.get('t1')?.stored.facts).toEqual(inOrder.tokens.get('t1')?.stored.facts);
        const uses = facts.filter(({ kind }) => kind === 'TOKEN_USED');
        const remembered = inOrder.tokens.get('t1')?.stored.facts ?? [];
        expect(remembered).toHaveLength(facts.length - Math.max(0, uses.length - 1));
        const first = uses.length === 0 ? undefined : Math.min(...uses.map(({ occurredAt }) => occurredAt));
        expect(inOrder.state()?.firstUsedAt).toBe(first);
      }),
      { numRuns: 1_000 },
    );
  });

  it('a deadline is told once at most, and the one that comes last exactly when it is missed', () => {
    fc.assert(
      fc.property(twoOrders, fc.constantFrom(...purposes), ([, mixed], purpose) => {
        const last = passed(purpose, 0, 7);
        const { events, state } = deliver([...mixed, last]);
        const all = told(events);
        expect(new Set(all).size).toBe(all.length);
        const stated = new Set(
          mixed.flatMap(({ deadline }) =>
            deadline ? [`t1 ${deadline.purpose} ${(deadline.dueAt - noon) / 1_000}`] : [],
          ),
        );
        for (const one of all.filter((each) => each !== `t1 ${purpose} 7`)) expect(stated).toContain(one);
        const end = state();
        if (end === undefined) throw new Error('There are facts.');
        expect(all.includes(`t1 ${purpose} 7`)).toBe(isMissed(end, purpose));
      }),
      { numRuns: 1_000 },
    );
  });
});
