/** Kinds of notices, what calls them off, old news, and policies of an issuer's own: on real Kafka, registry and MongoDB. */
import { randomUUID } from 'node:crypto';
import { noticeIdOf, noticeRules } from '@tokenline/domain';
import { Registry } from '@tokenline/runtime';
import { collections } from '@tokenline/store';
import { describe, expect, it } from 'vitest';
import type { ChannelAnswer } from './channels/port.js';
import {
  changed,
  completed,
  issued,
  kafka,
  lifecycleRecord,
  messages,
  minute,
  notices,
  notifier,
  pass,
  passed,
  read,
  receipts,
  recorder,
  type Sent,
  store,
  until,
  useStack,
  virtualClock,
  writer,
} from './given.js';

useStack();

const hour = 60 * minute;
const day = 24 * hour;
/** Afternoon in London: no quiet hours. */
const afternoon = Date.UTC(2027, 2, 10, 15);

const ofToken = (tokenId: string) => notices().find({ tokenId }).sort({ causeVersion: 1 }).toArray();
const failed: ChannelAnswer = { outcome: 'FAILED', reason: 'http-503' };

describe('a change of status', () => {
  it('is told once for each fact, also where the fact goes to another token by a merge', async () => {
    const clock = virtualClock(afternoon);
    const sent: Sent[] = [];
    const one = notifier([recorder(sent)], clock);
    const at = { occurredAt: afternoon, recordedAt: afternoon };
    const suspended = changed('ACTIVE', 'SUSPENDED', { ...at, version: 4 });
    await one.onRecords([read(suspended)]);
    await one.runOnce();
    const { tokenId } = suspended;
    const resumed = changed('SUSPENDED', 'ACTIVE', { ...at, tokenId, version: 5 });
    await one.onRecords([read(resumed, 1), read(suspended, 2)]);
    await one.runOnce();
    const deleted = changed('ACTIVE', 'DELETED', { ...at, tokenId, version: 6 });
    const rehomed = { ...suspended, eventId: randomUUID(), tokenId: randomUUID(), version: 9 };
    await one.onRecords([read(deleted, 3), read(rehomed, 4)]);
    await one.runOnce();
    const ids = [
      noticeIdOf('TOKEN_SUSPENDED', suspended.factId),
      noticeIdOf('TOKEN_RESUMED', resumed.factId),
      noticeIdOf('TOKEN_DELETED', deleted.factId),
    ];
    expect(sent.map(({ noticeId }) => noticeId)).toEqual(ids);
    expect((await ofToken(tokenId)).map(({ kind, state, outcome, policy }) => [kind, state, outcome, policy])).toEqual([
      ['TOKEN_SUSPENDED', 'DELIVERED', null, 'builtin-1/suspended'],
      ['TOKEN_RESUMED', 'DELIVERED', null, 'builtin-1/resumed'],
      ['TOKEN_DELETED', 'DELIVERED', null, 'builtin-1/deleted'],
    ]);
    expect(await notices().countDocuments({})).toBe(3);
  });

  it('is not told of a merchant’s token, nor of one that was never active', async () => {
    const one = notifier([recorder([])], virtualClock(afternoon));
    const state = { ...changed('ACTIVE', 'DELETED').state, tokenType: 'CARD_ON_FILE' as const };
    const at = { occurredAt: afternoon, recordedAt: afternoon };
    await one.onRecords([
      read(changed('ACTIVE', 'DELETED', { ...at, state })),
      read(changed('INACTIVE', 'DELETED', at), 1),
      read(changed('INACTIVE', 'ACTIVE', at), 2),
    ]);
    expect(await notices().countDocuments({})).toBe(0);
  });

  it('calls off an earlier one that still waits, within a batch and between batches', async () => {
    const clock = virtualClock(afternoon);
    const sent: Sent[] = [];
    const metrics = new Registry();
    const one = notifier([recorder(sent)], clock, { metrics });
    const at = { occurredAt: afternoon, recordedAt: afternoon };
    const tokenId = randomUUID();
    const event = (from: string, to: string, version: number) => changed(from, to, { ...at, tokenId, version });
    const first = event('ACTIVE', 'SUSPENDED', 4);
    const second = event('SUSPENDED', 'ACTIVE', 5);
    await one.onRecords([read(first), read(second, 1)]);
    await one.onRecords([read(event('ACTIVE', 'SUSPENDED', 6), 2)]);
    // Read again: what is older calls off nothing newer.
    await one.onRecords([read(first), read(second, 1)]);
    await one.runOnce();
    expect((await ofToken(tokenId)).map(({ state, reason }) => reason ?? state)).toEqual([
      'superseded',
      'superseded',
      'DELIVERED',
    ]);
    expect(sent).toHaveLength(1);
    expect((await receipts(tokenId)).map(({ outcome, reason }) => reason ?? outcome).sort()).toEqual([
      'DELIVERED',
      'superseded',
      'superseded',
    ]);
    expect(await metrics.metrics()).toMatch(
      /tokenline_notices_total\{kind="TOKEN_SUSPENDED",state="CANCELLED",outcome="OPEN",reason="superseded"\} 1/,
    );
  });

  it('leaves alone what is being sent; should that fail, it is called off instead of tried again', async () => {
    const clock = virtualClock(afternoon);
    const sent: Sent[] = [];
    let answer: (how: ChannelAnswer) => void = () => undefined;
    const slow = () =>
      new Promise<ChannelAnswer>((resolve) => {
        answer = resolve;
      });
    const one = notifier([recorder(sent, (_delivery, n) => (n === 1 ? slow() : { outcome: 'ACCEPTED' }))], clock);
    const first = changed('ACTIVE', 'SUSPENDED', { occurredAt: afternoon, recordedAt: afternoon, version: 4 });
    await one.onRecords([read(first)]);
    const sending = one.runOnce();
    await until('the send', () => (sent.length === 1 ? true : undefined));
    const { tokenId } = first;
    const next = changed('SUSPENDED', 'DELETED', { ...first, eventId: randomUUID(), factId: randomUUID(), version: 5 });
    await one.onRecords([read({ ...next, changes: [{ field: 'status', from: 'SUSPENDED', to: 'DELETED' }] }, 1)]);
    expect(await ofToken(tokenId)).toMatchObject([
      { state: 'PENDING', lease: expect.anything() },
      { state: 'PENDING' },
    ]);
    answer(failed);
    await sending;
    await pass(one, clock, minute);
    expect(await ofToken(tokenId)).toMatchObject([
      { kind: 'TOKEN_SUSPENDED', state: 'CANCELLED', reason: 'superseded', attempts: [{ reason: 'http-503' }, {}] },
      { kind: 'TOKEN_DELETED', state: 'SENT' },
    ]);
    expect(sent).toHaveLength(2);
  });
});

describe('a deadline that passed', () => {
  it('reminds at the times of the policy, once, of device tokens of three wallets', async () => {
    const clock = virtualClock(afternoon);
    const sent: Sent[] = [];
    const one = notifier([recorder(sent)], clock);
    const due = passed('PROVISIONING_UNFINISHED', day, afternoon);
    await one.onRecords([
      read(due),
      read({ ...due, eventId: randomUUID() }, 1),
      read(passed('PROVISIONING_UNFINISHED', 2 * day, afternoon), 2),
      read(passed('TOKEN_UNUSED', 14 * day, afternoon, { wallet: 'GARMIN' }), 3),
      read(passed('TOKEN_UNUSED', 14 * day, afternoon, { tokenType: 'BROWSER' }), 4),
      read(passed('TOKEN_ABANDONED', 30 * day, afternoon), 5),
    ]);
    await one.runOnce();
    expect(sent.map(({ noticeId }) => noticeId)).toEqual([`provisioning-unfinished-${due.tokenId}-${afternoon}`]);
    expect(await notices().countDocuments({})).toBe(1);
  });

  it('waits in quiet hours for their end, and is called off in the night by what it waited for', async () => {
    const night = Date.UTC(2027, 2, 10, 23, 30);
    const clock = virtualClock(night);
    const sent: Sent[] = [];
    const one = notifier([recorder(sent)], clock);
    const events = Array.from({ length: 200 }, (_, i) =>
      passed(i % 2 === 0 ? 'PROVISIONING_UNFINISHED' : 'TOKEN_UNUSED', 7 * day, night, { version: 2 }),
    );
    await one.onRecords(events.map((event, i) => read(event, i)));
    await one.runOnce();
    expect(sent).toEqual([]);
    const at = { occurredAt: night, recordedAt: night, version: 3 };
    const reasons = ['completed', 'used', 'declined', 'deleted', 'deleted'];
    await one.onRecords([
      read(completed({ ...at, tokenId: events[0]?.tokenId as string, completedAt: night })),
      ...[
        { field: 'firstUsedAt', to: new Date(night).toISOString() },
        { field: 'provisioning.outcome', from: 'AUTHENTICATED', to: 'DECLINED' },
        { field: 'status', from: 'ACTIVE', to: 'DELETED' },
        { field: 'status', from: 'INACTIVE', to: 'DELETED' },
      ].map((change, i) => {
        const { tokenId, ...event } = changed('ACTIVE', 'ACTIVE', { ...at, changes: [{ from: undefined, ...change }] });
        return read({ ...event, tokenId: events[i + 1]?.tokenId ?? tokenId }, i + 1);
      }),
    ]);
    await one.runOnce();
    for (const [i, reason] of reasons.entries())
      expect((await ofToken(events[i]?.tokenId as string))[0]).toMatchObject({
        state: 'CANCELLED',
        reason,
        outcome: null,
      });
    expect(sent.length, 'the deletion and the completion are told').toBe(2);
    await pass(one, clock, 7 * hour, hour);
    expect(sent).toHaveLength(2);
    await pass(one, clock, hour, hour);
    expect(sent).toHaveLength(2 + 195);
    for (const doc of await notices().find({ kind: 'TOKEN_UNUSED', state: 'DELIVERED' }).toArray())
      expect(doc.sentAt?.getTime()).toBeGreaterThanOrEqual(Date.UTC(2027, 2, 11, 7));
  });
});

describe('a reminder whose time comes in quiet hours', () => {
  it('waits for their end too, after an outage as after a failure', async () => {
    const evening = Date.UTC(2027, 2, 10, 21, 59, 58);
    const clock = virtualClock(evening);
    const sent: Sent[] = [];
    const events = [1, 2].map(() => passed('TOKEN_UNUSED', 14 * day, evening));
    const [tried, left] = events.map(({ tokenId }) => tokenId) as [string, string];
    const one = notifier([recorder([], () => failed)], clock);
    await one.onRecords([read(events[0] as (typeof events)[0])]);
    await one.runOnce();
    await one.onRecords([read(events[1] as (typeof events)[0], 1)]);
    clock.move(hour);
    const other = notifier([recorder(sent)], clock);
    await other.runOnce();
    expect(sent).toEqual([]);
    const morning = new Date(Date.UTC(2027, 2, 11, 7));
    expect([...(await ofToken(tried)), ...(await ofToken(left))].map((doc) => doc.nextAttemptAt)).toEqual([
      morning,
      morning,
    ]);
    await pass(other, clock, 8 * hour + 2_000, hour);
    expect(sent).toHaveLength(2);
  });
});

describe('old news', () => {
  it('is not sent: CANCELLED, a completion BREACHED; counted and told, and alarms nobody', async () => {
    const clock = virtualClock(afternoon);
    const sent: Sent[] = [];
    const metrics = new Registry();
    const one = notifier([recorder(sent)], clock, { metrics });
    const then = afternoon - day - 1;
    const old = Array.from({ length: 300 }, () => completed({ occurredAt: then, completedAt: then }));
    const fresh = completed({ completedAt: afternoon - day });
    const status = changed('ACTIVE', 'DELETED', { occurredAt: then });
    const code = issued({ occurredAt: then, recordedAt: then, expiresAt: then + hour });
    await one.onRecords([...old, fresh, status, code].map((event, i) => read(event, i)));
    await pass(one, clock, hour, 10 * minute);
    expect(sent.map(({ noticeId }) => noticeId)).toEqual([`completion-${fresh.tokenId}`]);
    expect(
      await notices().countDocuments({
        kind: 'PROVISIONING_COMPLETED',
        state: 'CANCELLED',
        reason: 'stale',
        outcome: 'BREACHED',
        published: true,
      }),
    ).toBe(300);
    expect((await ofToken(status.tokenId))[0]).toMatchObject({ state: 'CANCELLED', reason: 'stale', outcome: null });
    expect((await ofToken(code.tokenId))[0]).toMatchObject({ state: 'CANCELLED', reason: 'expired' });
    const ids = old.map(({ tokenId }) => tokenId);
    expect(await messages(...ids)).toEqual([]);
    const told = await receipts(...ids);
    expect(told.map(({ outcome, reason }) => `${outcome} ${reason}`)).toEqual(Array(300).fill('FAILED stale'));
    expect(await metrics.metrics()).toContain(
      'tokenline_notices_total{kind="PROVISIONING_COMPLETED",state="CANCELLED",outcome="BREACHED",reason="stale"} 300',
    );
    expect(await metrics.metrics()).not.toContain('tokenline_notice_breaches_total{kind="PROVISIONING_COMPLETED"} 300');
    expect(await metrics.metrics()).not.toContain('tokenline_notice_alarms_total{');
  });

  it('is what an outage leaves lying too', async () => {
    const clock = virtualClock(afternoon);
    const sent: Sent[] = [];
    const event = changed('ACTIVE', 'SUSPENDED', { occurredAt: afternoon });
    await notifier([], clock).onRecords([read(event)]);
    clock.move(3 * day);
    await notifier([recorder(sent)], clock).runOnce();
    expect((await ofToken(event.tokenId))[0]).toMatchObject({ state: 'CANCELLED', reason: 'stale' });
    expect(sent).toEqual([]);
  });

  it('is the whole log when it is read again: nothing is sent twice', { timeout: 120_000 }, async () => {
    const sent: Sent[] = [];
    const now = Date.now();
    const events = Array.from({ length: 100 }, (_, i) => [
      completed({ version: 3 }),
      changed('ACTIVE', 'SUSPENDED', { version: 4, occurredAt: now + i }),
      completed({ version: 3, occurredAt: now - 3 * day, completedAt: now - 3 * day }),
    ]).flat();
    await writer.write(events.map(lifecycleRecord));
    const settled = () => notices().countDocuments({ published: true, state: { $in: ['DELIVERED', 'CANCELLED'] } });
    for (const group of ['notifier-first', 'notifier-again']) {
      const one = notifier([recorder(sent)]);
      const loop = one.start();
      let seen = 0;
      const reader = await kafka.read({
        group,
        topics: ['token.lifecycle'],
        onRecords: async (records) => {
          await one.onRecords(records);
          seen += records.length;
        },
      });
      await until('the whole log', () => (seen >= events.length ? true : undefined), 60_000);
      await until('every notice', async () => ((await settled()) === 300 ? true : undefined), 60_000);
      await reader.stop();
      await loop.stop();
    }
    expect(sent).toHaveLength(200);
    expect(new Set(sent.map(({ noticeId }) => noticeId)).size).toBe(200);
    expect(await notices().countDocuments({ reason: 'stale' })).toBe(100);
  });
});

describe('an issuer’s policy', () => {
  const rules = noticeRules(
    JSON.stringify({
      version: 'ours-7',
      rules: [
        { kind: 'PROVISIONING_COMPLETED', programmes: ['staff'], send: false, because: 'Staff know.' },
        {
          name: 'gold',
          kind: 'PROVISIONING_COMPLETED',
          programmes: ['gold'],
          send: true,
          deadline: '15m',
          channels: ['programme-webhook', 'sms'],
          escalate: { failures: 1 },
          alarms: ['2m'],
        },
      ],
    }),
  );

  async function holderOf(event: ReturnType<typeof completed>, programme: string): Promise<void> {
    const _id = event.card?.ref as string;
    await collections(store.db).cardholders.insertOne({ _id, programme, updatedAt: new Date() });
  }

  it('decides by programme, sets deadline, channels, their order, alarms, and is kept with the entry', async () => {
    const clock = virtualClock(afternoon);
    const [staff, gold, other] = [1, 2, 3].map(() => completed({ completedAt: afternoon }));
    if (staff === undefined || gold === undefined || other === undefined) throw new Error('three');
    await holderOf(staff, 'staff');
    await holderOf(gold, 'gold');
    const tried: string[] = [];
    const channel = (name: 'webhook' | 'sms' | 'programme-webhook') =>
      recorder(
        [],
        ({ tokenId }) => {
          if (tokenId === gold.tokenId) tried.push(name);
          return failed;
        },
        { name },
      );
    const one = notifier([channel('webhook'), channel('sms'), channel('programme-webhook')], clock, { rules });
    await one.onRecords([staff, gold, other].map((event, i) => read(event, i)));
    await one.runOnce();
    await pass(one, clock, 20 * minute, 20_000);
    expect(await ofToken(staff.tokenId)).toEqual([]);
    expect((await ofToken(gold.tokenId))[0]).toMatchObject({
      policy: 'ours-7/gold',
      terms: { deadlineAfter: 15 * minute, channels: ['programme-webhook', 'sms'], alarms: [2 * minute] },
      deadlineAt: new Date(afternoon + 15 * minute),
      outcome: 'BREACHED',
      alarms: [{ after: 2 * minute }],
    });
    expect(tried.slice(0, 4)).toEqual(['programme-webhook', 'sms', 'programme-webhook', 'sms']);
    expect(tried).not.toContain('webhook');
    expect((await ofToken(other.tokenId))[0]).toMatchObject({ policy: 'builtin-1/completion', outcome: null });

    // Another policy later changes nothing that was promised.
    const later = notifier([recorder([], () => failed, { name: 'webhook' })], clock);
    await pass(later, clock, 16 * minute, minute);
    expect((await ofToken(gold.tokenId))[0]).toMatchObject({
      policy: 'ours-7/gold',
      state: 'FAILED',
      reason: 'no-contact',
    });
  });
});
