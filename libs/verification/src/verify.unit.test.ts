/** Each invariant holds on a system that is right and breaks on one that is not: one thing spoiled, one verdict that must notice. */
import {
  absorptionFact,
  type DeadlinePurpose,
  deadlineFact,
  decide,
  mergeFact,
  noticeRules,
  type TokenFact,
  usualTerms,
} from '@tokenline/domain';
import type { NoticeDoc } from '@tokenline/store';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type InvariantCode, invariantCodes, invariants, readModelInvariants } from './invariants.js';
import { anyFacts } from './testing/any-facts.js';
import {
  addLetter,
  append,
  arrive,
  broken,
  evening,
  type Found,
  fact,
  greenStory,
  look,
  noon,
  remove,
  valuesOf,
  verdict,
  type World,
  type WorldRecord,
  world,
  yellowStory,
} from './testing/given.js';
import { type VerifyOptions, withoutDocuments } from './verify.js';

const changed = 'tokenline.lifecycle.TokenChanged';
const completed = 'tokenline.lifecycle.ProvisioningCompleted';
const passed = 'tokenline.lifecycle.DeadlinePassed';
const factType = 'tokenline.facts.TokenFact';

/** Every kind of life: stepped up out of order and with repeats, on file, bound, held down, deleted, merged, refused, put aside. */
function busyDay(): World {
  const yellow = yellowStory('t1');
  const green = greenStory('t22');
  const onFile = [fact('TOKEN_CREATED', 1, { tokenId: 't3', tokenType: 'CARD_ON_FILE', reportedStatus: 'ACTIVE' })];
  const names = { tokenId: 't5', aliases: [{ kind: 'tokenReferenceId', value: 'REF5' }] };
  const facts: TokenFact[] = [
    ...[4, 0, 3, 1, 2].map((i) => yellow[i] as TokenFact),
    ...yellow,
    ...green,
    ...onFile,
    fact('TOKEN_SUSPENDED', 100, { tokenId: 't22', actor: 'ISSUER' }),
    fact('TOKEN_SUSPENDED', 110, { tokenId: 't22', actor: 'CARDHOLDER' }),
    fact('TOKEN_RESUMED', 120, { tokenId: 't22', actor: 'ISSUER' }),
    fact('TOKEN_DELETED', 200, { tokenId: 't3' }),
    fact('STATUS_REPORTED', 210, { tokenId: 't3', reportedStatus: 'ACTIVE' }),
    fact('TOKEN_CREATED', 1, { tokenId: 't8', tokenType: 'CARD_ON_FILE', reportedStatus: 'ACTIVE' }),
    fact('DEVICE_BOUND', 50, { tokenId: 't8', tokenType: 'CARD_ON_FILE', bindingId: '1', device: { id: 'browser-1' } }),
    fact('NOTED', 60, { tokenId: 't8', tokenType: 'CARD_ON_FILE', removedFromWallet: true }),
    fact('PROVISIONING_REQUESTED', 0, { tokenId: 't6', decision: 'DECLINED' }),
    fact('PROVISIONING_REQUESTED', 0, { tokenId: 't9', decision: 'AUTHENTICATE' }),
    deadlinePassed('t9', 'PROVISIONING_UNFINISHED', 0, 200),
    deadlinePassed('t9', 'TOKEN_ABANDONED', 0, 300),
    ...greenStory('t77'),
    deadlinePassed('t77', 'TOKEN_UNUSED', 9, 50),
    fact('TOKEN_USED', 80, { tokenId: 't77' }),
    fact('TOKEN_USED', 70, { tokenId: 't77' }),
    fact('TOKEN_USED', 75, { tokenId: 't77' }),
    deadlinePassed('t77', 'TOKEN_UNUSED', 9, 190),
    fact('PROVISIONING_REQUESTED', 0, { tokenId: 't44', decision: 'APPROVED' }),
    ...greenStory('t5', names),
    mergeFact({ younger: 't5', survivor: 't44' }, fact('NOTED', 300)),
    fact('TOKEN_SUSPENDED', 150, { ...names, actor: 'ISSUER' }),
  ];
  const day = world(facts);
  addLetter(day, append(day, 'tsp.inbound', 'x', 'no message'), 'NORMALIZER');
  addLetter(day, append(day, 'token.facts', 'x', 'no fact'), 'LIFECYCLE');
  addLetter(day, append(day, 'token.lifecycle', 'x', 'no event'), 'PROJECTOR');
  const cardholder = { _id: 'threddPublicToken:1', emailSealed: 'a.b.c.d.e', updatedAt: new Date(noon) };
  day.documents.cardholders.push(cardholder);
  return day;
}

/** That a deadline `since` passed at `due`, in seconds after noon, as the scheduler says it. */
function deadlinePassed(tokenId: string, purpose: DeadlinePurpose, since: number, due: number): TokenFact {
  const deadline = { purpose, since: noon + since * 1_000, dueAt: noon + due * 1_000 };
  return deadlineFact({ tokenId, network: 'VTS' }, deadline, deadline.dueAt + 700);
}

const first = <T>(list: readonly T[]): T => list[0] as T;
const last = <T>(list: readonly T[]): T => list.at(-1) as T;

describe('a system that is right', () => {
  it('holds every invariant, each with something to look at', async () => {
    const report = await look(busyDay());
    expect(report.verdicts.filter((one) => one.outcome !== 'holds')).toEqual([]);
    expect(report.verdicts.filter((one) => one.checked === 0)).toEqual([]);
    expect(report.ok).toBe(true);
    expect(report.moving).toBe(false);
    expect(report.verdicts.map((one) => one.code)).toEqual(invariantCodes);
  });

  it('is judged from the log alone when MongoDB is not there, and the rest is not called checked', async () => {
    const report = await look(busyDay(), { mongodb: false });
    expect(report.ok).toBe(true);
    for (const { code, outcome, note } of report.verdicts) {
      if (invariants[code].needs === 'log') expect([code, outcome]).toEqual([code, 'holds']);
      else expect([code, outcome, note]).toEqual([code, 'not-checked', withoutDocuments]);
    }
  });

  it('can be asked for some verdicts only, and for the read models reads no more than these need', async () => {
    const some = await look(busyDay(), { only: ['STATE_IS_FOLD', 'TOKENS_CURRENT'] });
    expect(some.verdicts.map((one) => one.code)).toEqual(['STATE_IS_FOLD', 'TOKENS_CURRENT']);
    const models = await look(busyDay(), { only: readModelInvariants });
    expect(models.verdicts.map((one) => [one.code, one.outcome])).toEqual(
      readModelInvariants.map((code) => [code, 'holds']),
    );
    expect(models.verdicts.every((one) => one.checked > 0)).toBe(true);
    const read = ['deadLetters', 'timeline', 'token.dead-letters', 'token.lifecycle', 'tokens'];
    expect(Object.keys(models.read).sort()).toEqual(read);
  });

  it('is compared with a projection under construction by that one’s own consumer group', async () => {
    const day = busyDay();
    day.documents.timeline.pop();
    day.committed['projector.read-models'] = { 0: 10_000, 1: 10_000 };
    day.committed['rebuild.2'] = { 0: 0, 1: 0 };
    const groups = { 'read models': 'rebuild.2' };
    expect(broken(await look(day, { only: readModelInvariants, groups }))).toEqual(['CAUGHT_UP']);
    expect(broken(await look(day, { only: readModelInvariants }))).toEqual(['TIMELINE_COMPLETE']);
  });

  it('holds them whatever the sources say, in whatever order and however often', async () => {
    const day = anyFacts().chain((facts) =>
      fc.shuffledSubarray([...facts, ...facts], { minLength: facts.length * 2, maxLength: facts.length * 2 }),
    );
    await fc.assert(
      fc.asyncProperty(day, async (facts) => {
        const report = await look(world(facts));
        expect(report.verdicts.filter((one) => one.outcome !== 'holds')).toEqual([]);
      }),
      { numRuns: 200 },
    );
  }, 60_000);

  it('holds them when tokens turn out to be one at any moment', async () => {
    const days = fc.tuple(anyFacts(), anyFacts()).chain(([older, younger]) => {
      const others = younger.map((one) => ({ ...one, tokenId: 't2', aliases: [] }));
      const all = [...older, ...others];
      return fc.tuple(
        fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
        fc.nat({ max: all.length }),
        fc.infiniteStream(fc.nat({ max: 1 })),
      );
    });
    await fc.assert(
      fc.asyncProperty(days, async ([facts, shownAt, turns]) => {
        const merge = { younger: 't2', survivor: 't1' };
        const told = [absorptionFact(merge, fact('NOTED', 6)), mergeFact(merge, fact('NOTED', 6))];
        const day = world(facts.toSpliced(shownAt, 0, ...told, ...told), {
          turn: (tokens) => (turns.next().value as number) % tokens,
        });
        const report = await look(day);
        expect(report.verdicts.filter((one) => one.outcome !== 'holds')).toEqual([]);
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  it('holds while facts of tokens old and new keep coming in between one topic and the next', async () => {
    const days = fc.array(anyFacts(), { minLength: 2, maxLength: 4 }).chain((stories) => {
      const all = stories.flatMap((facts, n) => {
        const aliases = [{ kind: 'threddPaymentTokenId', value: String(n) }];
        return facts.map((one) => ({ ...one, tokenId: `t${n}`, aliases }));
      });
      return fc.tuple(
        fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
        fc.infiniteStream(fc.nat({ max: 4 })),
      );
    });
    await fc.assert(
      fc.asyncProperty(days, async ([facts, steps]) => {
        const day = world(facts);
        // All messages are there before the first fact.
        day.committed['ingest.normalizer'] = {};
        // A fact comes by itself; what follows from it is written in one transaction.
        const cuts = day.records.flatMap(({ topic }, at) => (topic === 'token.facts' ? [at, at + 1] : []));
        let there = 0;
        const grown = (): number => {
          there += steps.next().value as number;
          return cuts[there] ?? day.records.length;
        };
        const report = await look(day, { mongodb: false, grown });
        // It does not wait here for what is behind.
        expect(report.verdicts.filter((one) => one.outcome === 'broken' && one.code !== 'CAUGHT_UP')).toEqual([]);
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});

/** What is spoiled, which verdict must notice, and what it says. */
const spoils: readonly (readonly [code: InvariantCode, what: string, spoil: (day: World) => unknown, said: string])[] =
  [
    [
      'LOG_READABLE',
      'an event nobody can read',
      (day) => append(day, 'token.lifecycle', 't1', 'noise'),
      'cannot be decoded',
    ],
    [
      'LOG_READABLE',
      'a receipt without a value',
      (day) => append(day, 'cardholder.receipts', 't1', null),
      'cannot be decoded',
    ],
    [
      'INBOUND_ANSWERED',
      'a message that became nothing',
      (day) =>
        remove(
          day,
          ...of(day, factType, 'f')
            .slice(0, 1)
            .flatMap((one) => copiesOf(day, one)),
        ),
      'neither a fact nor a dead letter',
    ],
    [
      'INBOUND_ANSWERED',
      'an unreadable message without a letter',
      (day) => {
        remove(day, ...day.records.filter((one) => one.topic === 'token.dead-letters'));
        day.committed['ingest.normalizer'] = { 0: 1_000, 1: 1_000 };
      },
      'neither a fact nor a dead letter',
    ],
    [
      'FACTS_TRACED',
      'a fact without an event',
      (day) => {
        const event = first(valuesOf(day, 'tokenline.lifecycle.FactIgnored'));
        remove(day, event);
        day.documents.timeline = day.documents.timeline.filter((doc) => doc._id !== event.value.value.eventId);
      },
      'neither an event nor a dead letter',
    ],
    [
      'FACTS_TRACED',
      'a fact set aside as a repeat of none',
      (day) => {
        const event = valuesOf(day, 'tokenline.lifecycle.FactIgnored').find(
          (one) => one.value.value.reason === 'ILLEGAL',
        );
        if (event !== undefined) event.value.value.reason = 'REPEAT';
      },
      'is the first of its id',
    ],
    [
      'FACTS_TRACED',
      'a fact set aside as of a merged token',
      (day) => {
        const events = valuesOf(day, 'tokenline.lifecycle.FactIgnored');
        for (const { value } of events) if (value.value.reason === 'ILLEGAL') value.value.reason = 'MERGED';
      },
      'not merged',
    ],
    [
      'CAUSES_RISING',
      'a fact worked through again',
      (day) => repeat(day, first(valuesOf(day, changed)), 'other-id'),
      'comes after',
    ],
    [
      'CAUSES_RISING',
      'an event of another fact',
      (day) => {
        first(valuesOf(day, changed)).value.value.factId = 'f-other';
      },
      'names another fact',
    ],
    [
      'CAUSES_RISING',
      'an event of a fact that is not there',
      (day) => {
        const event = first(valuesOf(day, changed)).value.value;
        event.cause = { ...event.cause, offset: event.cause.offset + 1 };
      },
      'no fact lies',
    ],
    ['EVENTS_UNIQUE', 'an event twice', (day) => repeat(day, first(valuesOf(day, changed))), 'twice'],
    ['VERSIONS_GAP_FREE', 'a version left out', (day) => remove(day, first(valuesOf(day, changed))), 'follows 0'],
    [
      'TRANSITIONS_LEGAL',
      'a token back from deletion',
      (day) => {
        const { state } = last(ofToken(day, changed, 't22')).value.value;
        Object.assign(first(ofToken(day, changed, 't22')).value.value, {
          state: { ...state, status: 'DELETED', suspendedBy: [] },
        });
      },
      'status goes from DELETED',
    ],
    [
      'SUSPENDERS_AGREE',
      'a suspended token nobody holds',
      (day) => {
        const event = last(ofToken(day, changed, 't22')).value.value;
        event.state = { ...event.state, suspendedBy: [] };
      },
      'nobody holds it',
    ],
    [
      'CHANGES_AGREE',
      'a change that is not told',
      (day) => {
        last(ofToken(day, changed, 't22')).value.value.changes = [];
      },
      'suspendedBy has changed',
    ],
    [
      'LATE_MARKED',
      'a late fact passed off as in order',
      (day) => {
        for (const { value } of ofToken(day, changed, 't1')) value.value.late = false;
      },
      'came late',
    ],
    ['COMPLETED_ONCE', 'a completion announced again', (day) => announceAgain(day), 'announced again'],
    [
      'COMPLETED_ONCE',
      'a completion nobody announced',
      (day) => remove(day, ...ofToken(day, completed, 't22')),
      'nobody has announced',
    ],
    [
      'COMPLETED_ONCE',
      'a completion announced for another time',
      (day) => {
        first(valuesOf(day, completed)).value.value.completedAt += 1;
      },
      'another time',
    ],
    [
      'STATUS_FOLLOWS_FACTS',
      'a status the facts do not give',
      (day) => {
        const event = last(ofToken(day, changed, 't22')).value.value;
        event.state = { ...event.state, status: 'ACTIVE', suspendedBy: [] };
      },
      'its facts make it SUSPENDED by CARDHOLDER',
    ],
    [
      'COMPLETION_FOLLOWS_FACTS',
      'a completion the facts do not give',
      (day) => {
        const event = last(ofToken(day, changed, 't6')).value.value;
        event.state = { ...event.state, provisioning: { ...event.state.provisioning, completedAt: noon } };
      },
      'by its facts it is not',
    ],
    [
      'BINDINGS_FOLLOW_FACTS',
      'a binding the facts do not give',
      (day) => {
        const event = last(ofToken(day, changed, 't8')).value.value;
        event.state = { ...event.state, bindings: event.state.bindings.map((one) => ({ ...one, bindingId: '2' })) };
      },
      'by its facts',
    ],
    [
      'FIRST_USE_FOLLOWS_FACTS',
      'a first use the facts do not give',
      (day) => {
        const event = last(ofToken(day, changed, 't77')).value.value;
        event.state = { ...event.state, firstUsedAt: noon + 75_000 };
      },
      'since another time',
    ],
    ['DEADLINES_TRUE', 'a deadline told again', (day) => repeat(day, first(ofToken(day, passed, 't9')), 'x'), 'again'],
    [
      'DEADLINES_TRUE',
      'a deadline no fact states',
      (day) => {
        const event = first(ofToken(day, passed, 't9')).value.value;
        event.deadline = { ...event.deadline, purpose: 'TOKEN_ABANDONED' };
      },
      'no fact says',
    ],
    [
      'DEADLINES_TRUE',
      'a deadline told of a token that no longer waits',
      (day) => {
        const event = first(ofToken(day, passed, 't77')).value.value;
        event.deadline = { ...event.deadline, purpose: 'PROVISIONING_UNFINISHED' };
      },
      'that is COMPLETED',
    ],
    [
      'DEADLINES_TRUE',
      'a deadline told for another time',
      (day) => {
        first(ofToken(day, passed, 't77')).value.value.occurredAt += 1;
      },
      'another time',
    ],
    [
      'MERGES_COMPLETE',
      'a fact lost in a merge',
      (day) => {
        const [one] = ofToken(day, factType, 't44').filter((found) => found.value.value.kind === 'DEVICE_PROVISIONED');
        if (one !== undefined) remove(day, one);
      },
      '1 of 4 facts',
    ],
    [
      'MERGES_COMPLETE',
      'a survivor told wrongly of the announcement',
      (day) => {
        for (const { value } of ofToken(day, factType, 't44'))
          if (value.value.kind === 'FACTS_ABSORBED') value.value.completionAnnounced = false;
      },
      'told wrongly',
    ],
    [
      'STATE_IS_FOLD',
      'a state with another wallet than the facts',
      (day) => {
        const event = last(ofToken(day, changed, 't22')).value.value;
        event.state = { ...event.state, wallet: 'APPLE' };
      },
      'differs from a fresh fold in wallet',
    ],
    [
      'STATE_TOPIC_CURRENT',
      'a state that was not written',
      (day) => remove(day, last(ofToken(day, stateType, 't22'))),
      'was published',
    ],
    ['STATE_TOPIC_CURRENT', 'no state at all', (day) => remove(day, ...ofToken(day, stateType, 't6')), 'has no state'],
    [
      'STATE_TOPIC_CURRENT',
      'a state of a merged token',
      (day) => remove(day, ...day.records.filter((one) => one.topic === 'token.state' && one.value === null)),
      'should have none',
    ],
    [
      'STORE_CURRENT',
      'a memory that was not written',
      (day) => remove(day, last(ofToken(day, storeType, 't22'))),
      'remembers version',
    ],
    [
      'STORE_CURRENT',
      'a forgotten fact',
      (day) => {
        const stored = last(ofToken(day, storeType, 't22')).value.value;
        stored.facts = stored.facts.slice(1);
      },
      'remembers 5 facts of 6',
    ],
    [
      'STORE_CURRENT',
      'a forgotten announcement',
      (day) => {
        last(ofToken(day, storeType, 't22')).value.value.completionAnnounced = false;
      },
      'forgotten its announcement',
    ],
    [
      'NAMES_UNSPLIT',
      'one name in two tokens',
      (day) => {
        const event = last(ofToken(day, changed, 't6')).value.value;
        event.state = { ...event.state, aliases: [{ kind: 'threddPaymentTokenId', value: '22' }] };
      },
      'has the same threddPaymentTokenId',
    ],
    [
      'NOTHING_SENSITIVE',
      'a card number in a fact',
      (day) => {
        first(valuesOf(day, factType)).value.value.wallet = '4111111111111111';
      },
      'in clear at wallet',
    ],
    [
      'NOTHING_SENSITIVE',
      'an e-mail address in the directory',
      (day) => {
        first(day.documents.cardholders).emailSealed = 'a.b@example.com';
      },
      'cardholders',
    ],
    [
      'TOKENS_CURRENT',
      'an older version in a document',
      (day) => {
        first(day.documents.tokens).version -= 1;
      },
      'was published',
    ],
    [
      'TOKENS_CURRENT',
      'another status in a document',
      (day) => {
        first(day.documents.tokens).status = 'DELETED';
      },
      'differs in status',
    ],
    ['TOKENS_CURRENT', 'a document missing', (day) => day.documents.tokens.shift(), 'has no document'],
    [
      'TOKENS_CURRENT',
      'a document of no token',
      (day) => day.documents.tokens.push({ ...first(day.documents.tokens), _id: 'nobody' }),
      'published nothing',
    ],
    [
      'TOKENS_CURRENT',
      'a merge a document does not tell',
      (day) => {
        for (const doc of day.documents.tokens) delete (doc as { mergedInto?: string }).mergedInto;
      },
      'does not tell of the merge',
    ],
    ['TIMELINE_COMPLETE', 'an entry missing', (day) => day.documents.timeline.shift(), 'has no entry'],
    [
      'TIMELINE_COMPLETE',
      'an entry of no event',
      (day) => day.documents.timeline.push({ ...first(day.documents.timeline), _id: 'nothing' }),
      "is no event's",
    ],
    [
      'TIMELINE_COMPLETE',
      'an entry that tells something else',
      (day) => {
        first(day.documents.timeline).event = 'TokenMerged';
      },
      'not as its event',
    ],
    ['DEAD_LETTERS_KEPT', 'a letter without a document', (day) => day.documents.deadLetters.shift(), 'has no document'],
    [
      'DEAD_LETTERS_KEPT',
      'an occurrence not counted',
      (day) => {
        first(day.documents.deadLetters).occurrences = [];
      },
      'lacks 1 of its 1',
    ],
    [
      'DEAD_LETTERS_KEPT',
      'a letter called redriven that never was',
      (day) => {
        first(day.documents.deadLetters).state = 'REDRIVEN';
      },
      'the log makes it OPEN',
    ],
    [
      'DEAD_LETTERS_KEPT',
      'a document of no letter',
      (day) =>
        day.documents.deadLetters.push({
          ...first(day.documents.deadLetters),
          _id: 'nothing',
          failedAt: new Date(evening),
        }),
      "is no letter's",
    ],
    [
      'NOTICES_DUE',
      'a completion without a notice',
      (day) => day.documents.notices.shift(),
      'the ledger has no notice',
    ],
    [
      'NOTICES_DUE',
      'an activation code without a notice',
      (day) => {
        day.documents.notices = day.documents.notices.filter((doc) => doc.kind !== 'ACTIVATION_CODE');
      },
      'the ledger has no notice of it',
    ],
    [
      'NOTICES_DUE',
      'a notice of no activation code',
      (day) => day.documents.notices.push({ ...codeNotice(day), _id: 'activation-code-nothing' }),
      'is for no code announced',
    ],
    [
      'NOTICES_DUE',
      'a code’s notice for another event',
      (day) => {
        codeNotice(day).causeEventId = 'nothing';
      },
      'another event than its code',
    ],
    [
      'NOTICES_IN_TIME',
      'a code called met and sent late',
      (day) => {
        codeNotice(day).sentAt = new Date(evening);
      },
      'did not go out in time',
    ],
    [
      'NOTHING_SENSITIVE',
      'a code in clear in the vault',
      (day) => {
        first(day.documents.activationCodes).codeSealed = '000123';
      },
      'activationCodes',
    ],
    [
      'NOTICES_DUE',
      'two notices of one completion',
      (day) => day.documents.notices.push({ ...first(day.documents.notices), _id: 'again' }),
      'has 2 completion notices',
    ],
    [
      'NOTICES_DUE',
      'a notice for a token on file',
      (day) => day.documents.notices.push({ ...first(day.documents.notices), _id: 'completion-t3', tokenId: 't3' }),
      'is a CARD_ON_FILE token',
    ],
    [
      'NOTICES_DUE',
      'a notice without a completion',
      (day) => day.documents.notices.push({ ...first(day.documents.notices), _id: 'completion-t6', tokenId: 't6' }),
      'no completion was announced',
    ],
    [
      'NOTICES_IN_TIME',
      'a deadline that is not 30 minutes on',
      (day) => {
        first(day.documents.notices).deadlineAt = new Date(evening);
      },
      'not 30 minutes',
    ],
    [
      'NOTICES_IN_TIME',
      'a late notice called met',
      (day) => {
        first(day.documents.notices).sentAt = new Date(evening);
      },
      'did not go out in time',
    ],
    [
      'NOTICES_IN_TIME',
      'a completion that was given an hour',
      (day) => {
        const notice = first(day.documents.notices);
        notice.terms = { ...usualTerms('PROVISIONING_COMPLETED'), deadlineAfter: 3_600_000 };
      },
      'more than 30 minutes',
    ],
    [
      'NOTICES_IN_TIME',
      'old news that was none',
      (day) => {
        const notice = first(day.documents.notices);
        notice.state = 'CANCELLED';
        notice.reason = 'stale';
      },
      'called off as old news, and was none',
    ],
    [
      'NOTICES_DUE',
      'a notice of a status for no event',
      (day) => day.documents.notices.push({ ...statusNotice(day), causeEventId: 'nothing' }),
      'is for no event in the log',
    ],
    [
      'NOTICES_DUE',
      'a reminder for an event that is none of its kind',
      (day) => day.documents.notices.push({ ...statusNotice(day), kind: 'TOKEN_UNUSED' }),
      'is for an event TokenChanged',
    ],
    [
      'NOTICES_IN_TIME',
      'a notice of a status called met and sent late',
      (day) =>
        day.documents.notices.push({
          ...statusNotice(day),
          outcome: 'MET',
          deadlineAt: new Date(noon),
          sentAt: new Date(evening),
        }),
      'did not go out in time',
    ],
    [
      'NOTICES_TOLD',
      'a notice the log does not tell of',
      (day) => remove(day, first(valuesOf(day, 'tokenline.cardholder.CardholderMessage'))),
      'has no message',
    ],
    [
      'NOTICES_TOLD',
      'a sent notice without a receipt',
      (day) => remove(day, first(valuesOf(day, 'tokenline.cardholder.DeliveryReceipt'))),
      'no receipt',
    ],
    [
      'NAMES_INDEXED',
      'a name that leads to another token',
      (day) => {
        const alias = day.documents.aliases.find((doc) => doc.tokenId === 't22');
        if (alias !== undefined) alias.tokenId = 't1';
      },
      'to t1',
    ],
    [
      'NAMES_INDEXED',
      'a name no fact carries',
      (day) => day.documents.aliases.push({ _id: 'tokenReferenceId:NOBODY', tokenId: 't1', at: new Date(noon) }),
      'no fact carries',
    ],
    [
      'NAMES_INDEXED',
      'a merge only the index knows',
      (day) =>
        Object.assign(day.documents.identities.find((doc) => doc._id === 't6') ?? {}, {
          mergedInto: 't1',
          mergeAnnounced: true,
        }),
      'not at all in the log',
    ],
  ];

const stateType = 'tokenline.state.TokenState';
const storeType = 'tokenline.lifecyclestore.StoredToken';

describe('a system that is not right', () => {
  it.each(spoils)('%s notices %s', async (code, _what, spoil, said) => {
    const day = busyDay();
    spoil(day);
    const { outcome, offenders, failed } = verdict(await look(day), code);
    expect([outcome, failed > 0]).toEqual(['broken', true]);
    expect(offenders.map((one) => one.what).join('\n')).toContain(said);
  });

  it('has a spoiled example for every invariant but the one about lag', () => {
    expect(new Set(spoils.map(([code]) => code))).toEqual(
      new Set(invariantCodes.filter((code) => code !== 'CAUGHT_UP')),
    );
  });

  it('is told with the places in the log, the first few only, and how many there are', async () => {
    const day = busyDay();
    for (const { value } of valuesOf(day, changed)) value.value.changes = [];
    const found = verdict(await look(day, { offenders: 2 }), 'CHANGES_AGREE');
    expect(found.offenders).toHaveLength(2);
    expect(found.failed).toBe(valuesOf(day, changed).length);
    expect(found.offenders[0]?.where).toMatch(/^token\.lifecycle \d\/\d+$/);
  });
});

describe('a notice policy of the issuer’s own', () => {
  const policy = (...rules: object[]) => noticeRules(JSON.stringify({ version: 'ours-1', rules }));
  const none = { kind: 'PROVISIONING_COMPLETED', send: false, because: 'Test.' };
  const without = (kind: string): World => {
    const day = busyDay();
    day.documents.notices = day.documents.notices.filter((doc) => doc.kind !== kind);
    return day;
  };
  const due = async (day: World, noticeRules: VerifyOptions['noticeRules']) =>
    verdict(await look(day, { noticeRules }), 'NOTICES_DUE').outcome;

  it('that sends no completion notices is not told that they are missing', async () => {
    expect(await due(without('PROVISIONING_COMPLETED'), policy())).toBe('broken');
    expect(await due(without('PROVISIONING_COMPLETED'), policy(none))).toBe('holds');
  });

  it('may know by the programme what is not known here', async () => {
    const some = policy({ ...none, programmes: ['staff'] });
    expect(await due(without('PROVISIONING_COMPLETED'), some)).toBe('holds');
    expect(await due(busyDay(), some)).toBe('holds');
  });

  it('that sends no codes is not told that they are missing', async () => {
    const noCodes = policy({ ...none, kind: 'ACTIVATION_CODE' });
    expect(await due(without('ACTIVATION_CODE'), noCodes)).toBe('holds');
  });

  it('does not judge entries that were made under another', async () => {
    const day = busyDay();
    const terms = usualTerms('PROVISIONING_COMPLETED');
    for (const doc of day.documents.notices) Object.assign(doc, { policy: 'ours-0/all', terms });
    expect(await due(day, policy(none))).toBe('holds');
    for (const doc of day.documents.notices) doc.policy = 'ours-1/all';
    expect(await due(day, policy(none))).toBe('broken');
  });

  it('holds an entry to the terms it carries', async () => {
    const day = busyDay();
    const notice = first(day.documents.notices);
    notice.terms = { ...usualTerms('PROVISIONING_COMPLETED'), deadlineAfter: 600_000 };
    expect(verdict(await look(day), 'NOTICES_IN_TIME').outcome).toBe('broken');
    notice.deadlineAt = new Date(notice.dueAt.getTime() + 600_000);
    expect(verdict(await look(day), 'NOTICES_IN_TIME').outcome).toBe('holds');
  });

  it('calls old news what was: then nobody was asked to tell it, and nobody did', async () => {
    const day = busyDay();
    const old = { ...statusNotice(day), state: 'CANCELLED', reason: 'stale', published: true } as const;
    day.documents.notices.push({ ...old, dueAt: new Date(noon - 86_400_001) });
    const lay = [{ at: new Date(noon + 86_400_001), channel: 'none', outcome: 'FAILED', reason: 'stale' }];
    day.documents.notices.push({ ...old, _id: 'token-deleted-f00', attempts: lay });
    expect(broken(await look(day))).toEqual([]);
  });
});

describe('what is on its way', () => {
  const behind = async (day: World) => {
    const report = await look(day);
    return { broken: broken(report), lag: verdict(report, 'CAUGHT_UP') };
  };

  it('is behind, not lost, above what the stage has committed', async () => {
    const day = busyDay();
    const waiting = append(day, 'token.facts', 't1', { type: factType, value: fact('NOTED', 500) });
    day.committed.lifecycle = { [waiting.partition]: waiting.offset };
    const { broken: codes, lag } = await behind(day);
    expect(codes).toEqual(['CAUGHT_UP']);
    expect(lag).toMatchObject({
      failed: 1,
      offenders: [{ where: `token.facts ${waiting.partition}/${waiting.offset}` }],
    });
    expect(lag.offenders[0]?.what).toContain('lifecycle is behind; nothing moves');
  });

  it('is lost below it', async () => {
    const day = busyDay();
    const lost = append(day, 'token.facts', 't1', { type: factType, value: fact('NOTED', 500) });
    day.committed.lifecycle = { [lost.partition]: lost.offset + 1 };
    expect((await behind(day)).broken).toEqual(['FACTS_TRACED']);
  });

  it('is behind at the doors of every other stage too', async () => {
    const day = busyDay();
    const message = append(day, 'tsp.inbound', 't1', { type: inboundType, value: unanswered });
    day.documents.timeline.pop();
    const notice = last(day.documents.notices);
    day.documents.notices.pop();
    day.committed['ingest.normalizer'] = { [message.partition]: message.offset };
    day.committed['projector.read-models'] = { 0: 0, 1: 0 };
    day.committed.notifier = { 0: 0, 1: 0 };
    const { broken: codes, lag } = await behind(day);
    expect(codes).toEqual(['CAUGHT_UP']);
    expect(lag.offenders.map((one) => one.what.match(/that (.*) is behind/)?.[1])).toEqual([
      'normalizer',
      'read models',
      'notifier',
    ]);
    expect(notice.tokenId).toBe('t5');
  });

  it('is behind where a stage has committed nothing yet, whatever else it has written', async () => {
    const day = busyDay();
    const { tokens, timeline } = day.documents;
    day.committed['projector.read-models'] = {};
    const late = tokens.splice(-1);
    // The projector writes it after the tokens were read, and before the timeline is.
    Object.defineProperty(day.documents, 'timeline', {
      get: () => {
        tokens.push(...late.splice(0));
        return timeline;
      },
    });
    expect(broken(await look(day, { waitMs: 10_000 }))).toEqual([]);
  });

  it('is waited for', async () => {
    const day = busyDay();
    const whole = [...day.records];
    const late = last(day.records.filter((one) => one.topic === 'token.lifecycle'));
    remove(day, late);
    setTimeout(() => {
      day.records = whole;
    }, 300);
    const report = await look(day, { waitMs: 10 ** 9 });
    expect(broken(report)).toEqual([]);
  });

  it.each([
    ['until it is there, however slow the looks are', 2, 3, []],
    ['no longer once it comes no nearer', 1, 3, ['CAUGHT_UP']],
  ])('is waited for %s', async (_, comes, looksTaken, wrong) => {
    const day = busyDay();
    const { notices, timeline } = day.documents;
    const missing = timeline.splice(-2);
    day.committed['projector.read-models'] = { 0: 0, 1: 0 };
    let looks = 0;
    Object.defineProperty(day.documents, 'notices', {
      get: () => {
        looks += 1;
        if (looks <= comes) timeline.push(...missing.splice(0, 1));
        return notices;
      },
    });
    let clock = evening;
    const now = (): number => {
      clock += 60_000;
      return clock;
    };
    const report = await look(day, { waitMs: 1_000, now });
    expect({ looks, broken: broken(report) }).toEqual({ looks: looksTaken, broken: wrong });
  });

  it('is not judged when it came after verification began', async () => {
    const day = busyDay();
    const { notices } = day.documents;
    // While the documents are read, a new token goes through the log; who reads from it has not heard of it.
    Object.defineProperty(day.documents, 'notices', {
      get: () => {
        const topics = ['tsp.inbound', 'token.facts', 'token.lifecycle'];
        const { records } = arrive({ ...world([]), records: [...day.records] }, yellowStory('t7'));
        day.records.push(...records.slice(day.records.length).filter((record) => topics.includes(record.topic)));
        return notices;
      },
    });
    const report = await look(day);
    expect(broken(report)).toEqual([]);
    expect(report.moving).toBe(true);
  });

  it('is not held against the read models when they show it before it was read', async () => {
    for (const only of [invariantCodes, readModelInvariants]) {
      const day = busyDay();
      const { tokens } = day.documents;
      let quiet = true;
      // After the log was read and before the documents are, a new token goes all the way.
      Object.defineProperty(day.documents, 'tokens', {
        get: () => {
          if (quiet) {
            quiet = false;
            const { records, documents } = arrive({ ...world([]), records: [...day.records] }, yellowStory('t7'));
            day.records.push(...records.slice(day.records.length));
            day.documents.timeline.push(...documents.timeline);
            tokens.push(...documents.tokens);
          }
          return tokens;
        },
      });
      const report = await look(day, { only: only.filter((code) => code !== 'NOTICES_DUE') });
      expect(broken(report)).toEqual([]);
      expect(quiet).toBe(false);
    }
  });
});

const inboundType = 'tokenline.inbound.InboundMessage';
const unanswered = {
  inboundId: 'in-x',
  source: 'thredd-ehi',
  operation: 'GetTransaction',
  receivedAt: noon,
  headers: {},
  fields: { TXn_ID: '9000000015' },
  sealed: {},
};

describe('EHI messages', () => {
  const message = (fields: Record<string, string>) =>
    ({ type: inboundType, value: { ...unanswered, fields } }) as const;

  it('are answered by the fact of their number, every copy of them', async () => {
    const day = world([fact('NOTED', 0, { source: 'thredd-ehi', sourceMessageId: '15', factId: 'thredd-ehi:15' })]);
    append(day, 'tsp.inbound', 't1', message({ TXn_ID: '0015' }));
    append(day, 'tsp.inbound', 't1', message({ txn_id: '15' }));
    expect(broken(await look(day))).toEqual([]);
  });

  it('are lost when no fact has their number, or they have none', async () => {
    const day = world(greenStory());
    const [a, b] = [{ TXn_ID: '16' }, { Note: 'no number' }].map((fields) =>
      append(day, 'tsp.inbound', 't1', message(fields)),
    ) as [WorldRecord, WorldRecord];
    day.committed['ingest.normalizer'] = { [a.partition]: b.offset + 1 };
    expect(verdict(await look(day), 'INBOUND_ANSWERED').failed).toBe(2);
  });
});

describe('two tokens that are found to be one', () => {
  const name = { kind: 'tokenReferenceId', value: 'REF' };
  const apart = (): World =>
    world([
      fact('TOKEN_CREATED', 0, { tokenId: 't1' }),
      fact('TOKEN_CREATED', 1, { tokenId: 't2', aliases: [name] }),
      fact('NOTED', 2, { tokenId: 't1', aliases: [{ kind: 'threddPaymentTokenId', value: '1' }, name] }),
    ]);
  const merge = mergeFact({ younger: 't2', survivor: 't1' }, fact('NOTED', 2));

  it('are split while nothing merges them, or what would is among the dead letters', async () => {
    expect(verdict(await look(apart()), 'NAMES_UNSPLIT').failed).toBe(1);
    const day = apart();
    addLetter(day, append(day, 'token.facts', 't2', { type: factType, value: merge }), 'LIFECYCLE');
    expect(verdict(await look(day), 'NAMES_UNSPLIT').failed).toBe(1);
  });

  it('are not called split while their merge is on its way', async () => {
    const day = apart();
    const { partition, offset } = append(day, 'token.facts', 't2', { type: factType, value: merge });
    day.committed.lifecycle = { [partition]: offset };
    expect(broken(await look(day))).toEqual(['CAUGHT_UP']);
  });
});

describe('names that contradict each other', () => {
  it('are a note, not a split', async () => {
    const shared = { kind: 'tokenReferenceId', value: 'REF' };
    const day = world([
      fact('TOKEN_CREATED', 0, { tokenId: 't1', aliases: [{ kind: 'threddPaymentTokenId', value: '1' }, shared] }),
      fact('TOKEN_CREATED', 1, { tokenId: 't2', aliases: [{ kind: 'threddPaymentTokenId', value: '2' }, shared] }),
    ]);
    const report = await look(day);
    expect(broken(report)).toEqual([]);
    expect(verdict(report, 'NAMES_UNSPLIT').note).toContain('1 names');
  });
});

describe('a broken part of the core', () => {
  it('a mapper that drops a fact is caught', async () => {
    const story = yellowStory();
    const report = await look(
      world([...story, ...greenStory('t22')], { map: (one) => (one === story[2] ? [] : [one]) }),
    );
    expect(broken(report)).toEqual(['INBOUND_ANSWERED']);
  });

  it('a decision that lets the newest arrival win is caught, though the log agrees with itself', async () => {
    const [requested, created, code, provisioned, passed] = yellowStory() as [
      TokenFact,
      TokenFact,
      TokenFact,
      TokenFact,
      TokenFact,
    ];
    const inOrderOfArrival: typeof decide = (memory, one, cause) => {
      const known = memory?.stored.facts.at(-1)?.occurredAt ?? 0;
      const lowered = one.occurredAt < known && one.reportedStatus === 'INACTIVE';
      const decided = decide(memory, one, cause);
      if (!lowered) return decided;
      const events = decided.events.map((event) =>
        event.type === changed
          ? { ...event, value: { ...event.value, state: { ...event.value.state, status: 'INACTIVE' as const } } }
          : event,
      );
      return { ...decided, events };
    };
    const report = await look(world([requested, created, code, passed, provisioned], { decide: inOrderOfArrival }));
    expect(broken(report)).toEqual(expect.arrayContaining(['TRANSITIONS_LEGAL', 'STATUS_FOLLOWS_FACTS']));
  });
});

/** The notice of some change, as if it were one of status; not yet on the log. */
const statusNotice = (day: World): NoticeDoc => ({
  _id: 'token-deleted-f0',
  tokenId: 't1',
  kind: 'TOKEN_DELETED',
  state: 'PENDING',
  dueAt: new Date(noon),
  outcome: null,
  attempts: [],
  subject: {},
  causeEventId: first(valuesOf(day, changed)).value.value.eventId,
  causeVersion: 1,
  policy: 'builtin-1/deleted',
  terms: usualTerms('TOKEN_DELETED'),
  createdAt: new Date(noon),
  published: false,
});
const codeNotice = (day: World) => first(day.documents.notices.filter((doc) => doc.kind === 'ACTIVATION_CODE'));

function of<N extends Parameters<typeof valuesOf>[1]>(day: World, type: N, prefix: string) {
  return valuesOf(day, type).filter(({ value }) =>
    String((value.value as { factId?: string }).factId).startsWith(prefix),
  );
}

function ofToken<N extends Parameters<typeof valuesOf>[1]>(day: World, type: N, tokenId: string) {
  return valuesOf(day, type).filter(({ value }) => (value.value as { tokenId?: string }).tokenId === tokenId);
}

/** Every record of one fact. */
function copiesOf(day: World, { value }: ReturnType<typeof valuesOf<typeof factType>>[number]): WorldRecord[] {
  return valuesOf(day, factType).filter((one) => one.value.value.factId === value.value.factId);
}

/** The event once more, at the end of its partition, under another id if one is given. */
function repeat(
  day: World,
  { key, value }: Found<typeof changed | typeof passed>,
  eventId = value.value.eventId,
): void {
  append(day, 'token.lifecycle', key, { ...value, value: { ...value.value, eventId } } as WorldRecord['value']);
}

function announceAgain(day: World): void {
  const again = first(ofToken(day, completed, 't1'));
  const noted = append(day, 'token.facts', 't1', { type: factType, value: fact('NOTED', 900) });
  const { version } = last(ofToken(day, changed, 't1')).value.value;
  append(day, 'token.lifecycle', 't1', {
    type: completed,
    value: {
      ...again.value.value,
      eventId: 'again',
      version,
      cause: { topic: 'token.facts', partition: noted.partition, offset: noted.offset },
    },
  });
}
