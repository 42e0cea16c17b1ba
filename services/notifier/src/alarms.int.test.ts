/** Providers that are down, alarms, and notifiers that die: on real Kafka, registry and MongoDB, on a clock that jumps. */
import type { DeliveryReceipt, ProvisioningCompleted } from '@tokenline/domain';
import { Registry } from '@tokenline/runtime';
import type { LogWriter } from '@tokenline/streams';
import { describe, expect, it } from 'vitest';
import type { ChannelAnswer } from './channels/port.js';
import { systemClock } from './clock.js';
import {
  type Answer,
  completed,
  minute,
  noticeOf,
  notices,
  notifier,
  pass,
  read,
  receipts,
  recorder,
  type Sent,
  until,
  useStack,
  virtualClock,
  writer,
} from './given.js';

useStack();

const failed: ChannelAnswer = { outcome: 'FAILED', reason: 'http-503' };

/** The receipts of these tokens, by what they say. A log that answered too late may hold one twice: readers go by receiptId. */
async function told(events: readonly ProvisioningCompleted[]): Promise<Map<string, DeliveryReceipt[]>> {
  const found = new Map<string, DeliveryReceipt[]>();
  const byId = new Map(
    (await receipts(...events.map(({ tokenId }) => tokenId))).map((receipt) => [receipt.receiptId, receipt]),
  );
  for (const receipt of byId.values()) {
    const key = receipt.outcome === 'ALARMED' ? `${receipt.outcome} ${receipt.reason}` : receipt.outcome;
    found.set(key, [...(found.get(key) ?? []), receipt]);
  }
  return found;
}

const idsOf = (found: readonly DeliveryReceipt[] | undefined) => found?.map(({ receiptId }) => receiptId).sort();

describe('300 completions', () => {
  it('with the first channel down for 25 minutes: every one MET, through the second', {
    timeout: 180_000,
  }, async () => {
    const clock = virtualClock(Date.now());
    const start = clock.now();
    const sent: Sent[] = [];
    const down: Answer = () => (clock.now() < start + 25 * minute ? failed : { outcome: 'ACCEPTED' });
    const first = recorder([], down, { name: 'webhook' });
    const one = notifier([first, recorder(sent, () => ({ outcome: 'ACCEPTED' }))], clock);
    const events = Array.from({ length: 300 }, () => completed({ completedAt: start }));
    await one.onRecords(events.map((event, i) => read(event, i)));
    await one.runOnce();
    await pass(one, clock, 25 * minute, 30_000);
    expect(await notices().countDocuments({ state: 'SENT', outcome: 'MET', channel: 'programme-webhook' })).toBe(300);
    expect(new Set(sent.map(({ noticeId }) => noticeId)).size).toBe(300);
    expect(sent).toHaveLength(300);
    expect([...(await told(events)).keys()].sort()).toEqual(['ACCEPTED', 'FAILED']);
  });

  it('with every channel down for 40: every one sent late, BREACHED, alarmed at ten, twenty and the breach, once each', {
    timeout: 300_000,
  }, async () => {
    const clock = virtualClock(Date.now());
    const start = clock.now();
    const metrics = new Registry();
    const sent: Sent[] = [];
    const down: Answer = () => (clock.now() < start + 40 * minute ? failed : { outcome: 'ACCEPTED' });
    const channels = [
      recorder([], down, { name: 'webhook' }),
      recorder(sent, down, { name: 'programme-webhook' }),
    ] as const;
    const one = notifier(channels, clock, { metrics });
    const events = Array.from({ length: 300 }, () => completed({ completedAt: start }));
    await one.onRecords(events.map((event, i) => read(event, i)));
    await one.runOnce();
    await pass(one, clock, 56 * minute, minute);
    expect(await notices().countDocuments({ state: 'SENT', outcome: 'BREACHED' })).toBe(300);
    for (const { sentAt, deadlineAt, alarms } of await notices().find({}).toArray()) {
      expect((sentAt as Date).getTime()).toBeGreaterThan((deadlineAt as Date).getTime());
      expect(alarms?.map(({ after }) => after / minute)).toEqual([10, 20]);
    }

    const found = await told(events);
    const ids = (suffix: string) => events.map(({ tokenId }) => `completion-${tokenId}:${suffix}`).sort();
    expect(idsOf(found.get('ALARMED unsent-after-10m'))).toEqual(ids('alarm-10m'));
    expect(idsOf(found.get('ALARMED unsent-after-20m'))).toEqual(ids('alarm-20m'));
    expect(idsOf(found.get('BREACHED'))).toEqual(ids('breach'));
    expect(found.get('ACCEPTED')).toHaveLength(300);
    const at = (key: string) => new Set(found.get(key)?.map((receipt) => (receipt.at - start) / minute));
    expect([at('ALARMED unsent-after-10m'), at('ALARMED unsent-after-20m'), at('BREACHED')]).toEqual([
      new Set([10]),
      new Set([20]),
      new Set([30]),
    ]);
    for (const after of ['10m', '20m'])
      expect(await metrics.metrics()).toContain(
        `tokenline_notice_alarms_total{kind="PROVISIONING_COMPLETED",after="${after}"} 300`,
      );
    expect(await metrics.metrics()).toContain('tokenline_notice_breaches_total{kind="PROVISIONING_COMPLETED"} 300');
  });
});

describe('an alarm', () => {
  it('goes off once, late, when nobody watched at its time', async () => {
    const clock = virtualClock(Date.now());
    const event = completed({ completedAt: clock.now() });
    const before = notifier([recorder([], () => failed)], clock);
    await before.onRecords([read(event)]);
    await before.runOnce();
    clock.move(25 * minute);
    const after = notifier([recorder([], () => ({ outcome: 'ACCEPTED' }))], clock);
    const loop = after.start();
    await until('the notice', async () => ((await noticeOf(event.tokenId))?.state === 'SENT' ? true : undefined));
    await loop.stop();
    const found = await told([event]);
    expect(idsOf(found.get('ALARMED unsent-after-10m'))).toEqual([`completion-${event.tokenId}:alarm-10m`]);
    expect(idsOf(found.get('ALARMED unsent-after-20m'))).toEqual([`completion-${event.tokenId}:alarm-20m`]);
    expect(await noticeOf(event.tokenId)).toMatchObject({
      outcome: 'MET',
      alarms: [{ after: 10 * minute }, { after: 20 * minute }],
    });
    expect(await noticeOf(event.tokenId)).not.toHaveProperty('nextAlarmAt');
  });

  it('goes off for a notice nobody can carry, and while an instance that hangs holds it', async () => {
    const clock = virtualClock(Date.now());
    const at = clock.now();
    const [homeless, hung] = [completed({ completedAt: at }), completed({ completedAt: at })];
    const nowhere = notifier([], clock);
    await nowhere.onRecords([read(homeless)]);
    await nowhere.runOnce();
    const sent: Sent[] = [];
    const hanging = notifier([recorder(sent, () => new Promise<ChannelAnswer>(() => undefined))], clock);
    await hanging.onRecords([read(hung)]);
    hanging.runOnce().catch(() => undefined);
    await until('the send that hangs', () => (sent.length === 1 ? true : undefined));
    clock.move(10 * minute);
    await notices().updateOne({ tokenId: hung.tokenId }, { $set: { 'lease.until': new Date(clock.now() + minute) } });
    await nowhere.runOnce();
    await nowhere.runOnce();
    const found = await told([homeless, hung]);
    expect(idsOf(found.get('ALARMED unsent-after-10m'))).toEqual(
      [homeless, hung].map(({ tokenId }) => `completion-${tokenId}:alarm-10m`).sort(),
    );
    expect(await noticeOf(homeless.tokenId)).toMatchObject({ state: 'FAILED', reason: 'no-contact' });
    expect(await noticeOf(hung.tokenId)).toMatchObject({ state: 'PENDING', lease: expect.anything() });
  });

  it('is told after a crash that came before its receipt, with what else went on meanwhile', async () => {
    const clock = virtualClock(Date.now());
    const event = completed({ completedAt: clock.now() });
    let down = false;
    const flaky: LogWriter = {
      ...writer,
      write: (records) => (down ? Promise.reject(new Error('the log is away')) : writer.write(records)),
    };
    const one = notifier([recorder([], () => failed)], clock, { writer: flaky });
    await one.onRecords([read(event)]);
    await one.runOnce();
    clock.move(10 * minute);
    down = true;
    await one.runOnce();
    down = false;
    // Another instance writes its own receipt before anybody has sent the alarm's.
    const other = notifier([recorder([], () => failed)], clock);
    clock.move(minute);
    await other.runOnce();
    const found = await told([event]);
    expect(idsOf(found.get('ALARMED unsent-after-10m'))).toEqual([`completion-${event.tokenId}:alarm-10m`]);
    expect(found.get('FAILED')?.length).toBe((await noticeOf(event.tokenId))?.attempts.length);
    expect(await noticeOf(event.tokenId)).not.toHaveProperty('receiptsOwed');
  });

  it('is none for a notice that went out in time', async () => {
    const clock = virtualClock(Date.now());
    const event = completed({ completedAt: clock.now() });
    const one = notifier([recorder([])], clock);
    await one.onRecords([read(event)]);
    await one.runOnce();
    await pass(one, clock, 40 * minute, 5 * minute);
    expect([...(await told([event])).keys()]).toEqual(['DELIVERED']);
    expect(await noticeOf(event.tokenId)).not.toHaveProperty('nextAlarmAt');
  });
});

describe('an instance that stands still', () => {
  /** One hangs in a send, the other looks each second. */
  async function hanging(clock: ReturnType<typeof virtualClock>) {
    const sent: Sent[] = [];
    let wake: (answer: ChannelAnswer) => void = () => undefined;
    const answer = () =>
      new Promise<ChannelAnswer>((resolve) => {
        wake = resolve;
      });
    const sleeper = notifier([recorder(sent, answer)], clock);
    const other = notifier([recorder(sent, () => ({ outcome: 'ACCEPTED', providerReference: 'by-other' }))], clock);
    const event = completed({ completedAt: clock.now() });
    await sleeper.onRecords([read(event)]);
    // It ends with the test's database.
    const asleep = sleeper.runOnce().catch(() => undefined);
    await until('the first to be sending', () => (sent.length === 1 ? true : undefined));
    return { sent, other, event, asleep, wake: (by: ChannelAnswer) => wake(by) };
  }

  it('is taken for dead after five seconds, and its late word does not count', async () => {
    const clock = virtualClock(Date.now());
    const { sent, other, event, asleep, wake } = await hanging(clock);
    await other.runOnce();
    await pass(other, clock, 4_000, 1_000);
    expect(sent).toHaveLength(1);
    await pass(other, clock, 2_000, 1_000);
    expect(sent.map((s) => s.key)).toEqual(Array(2).fill(`completion-${event.tokenId}:programme-webhook`));
    wake({ outcome: 'ACCEPTED', providerReference: 'by-sleeper' });
    await asleep;
    expect((await noticeOf(event.tokenId))?.attempts).toMatchObject([{ providerReference: 'by-other' }]);
  });

  it('is not taken for dead by one that has not watched it: after a gap watching begins anew', async () => {
    const clock = virtualClock(Date.now());
    const { sent, other } = await hanging(clock);
    await other.runOnce();
    await pass(other, clock, 16_000, 4_000);
    expect(sent).toHaveLength(1);
    await pass(other, clock, 4_000, 4_000);
    expect(sent, 'when the lease has run out').toHaveLength(2);
  });

  it('gives back what it has in hand when it wakes', async () => {
    const clock = virtualClock(Date.now());
    const sent: Sent[] = [];
    const slow: Answer = async (_, n) => {
      if (n === 1) clock.move(4_000);
      return { outcome: 'ACCEPTED' };
    };
    const one = notifier([recorder(sent, slow)], clock);
    const other = notifier([recorder(sent)], clock);
    await one.onRecords(Array.from({ length: 40 }, (_, i) => read(completed(), i)));
    const working = one.runOnce();
    await until('the first send', () => (sent.length > 0 ? true : undefined));
    await Promise.all([working, other.runOnce()]);
    expect(new Set(sent.map(({ noticeId }) => noticeId)).size).toBe(40);
    expect(sent).toHaveLength(40);
  });

  it('or is killed, on real time: its claims are taken up within seconds', { timeout: 60_000 }, async () => {
    const sent: Sent[] = [];
    const dying = notifier([recorder(sent, () => new Promise<ChannelAnswer>(() => undefined))]);
    const event = completed();
    await dying.onRecords([read(event)]);
    dying.runOnce().catch(() => undefined);
    await until('the send that never ends', () => (sent.length === 1 ? true : undefined));
    const began = systemClock.now();
    const other = notifier([recorder(sent)]);
    const loop = other.start();
    await until('the other to send it', async () =>
      (await noticeOf(event.tokenId))?.state === 'DELIVERED' ? true : undefined,
    );
    await loop.stop();
    expect(systemClock.now() - began).toBeLessThan(12_000);
  });
});
