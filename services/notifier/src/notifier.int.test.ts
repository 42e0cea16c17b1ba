/** The notifier on real Kafka, registry and MongoDB; where time matters, on a clock that jumps. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ActivationCodeIssued,
  noticeIdOf,
  type ProvisioningCompleted,
  type TopicRecords,
} from '@tokenline/domain';
import { Registry } from '@tokenline/runtime';
import { createSealer, generateKeySet, parseKeySet } from '@tokenline/sealing';
import { collections, createVault } from '@tokenline/store';
import type { LogWriter } from '@tokenline/streams';
import { describe, expect, it } from 'vitest';
import type { Channel, ChannelAnswer } from './channels/port.js';
import { createChannels } from './channels/setup.js';
import { systemClock } from './clock.js';
import {
  type Answer,
  codec,
  completed,
  config,
  ends,
  issued,
  kafka,
  lifecycleRecord,
  messages,
  minute,
  noticeOf,
  notices,
  notifier,
  pass,
  prefix,
  read,
  receipts,
  recorder,
  type Sent,
  sealer,
  store,
  until,
  useStack,
  virtualClock,
  writer,
} from './given.js';

useStack();

// ── The whole way ───────────────────────────────────────────────────────────────────────────────

describe('completions on the log, two instances at once', () => {
  it('give one notice each, however often the events come; what is no event of ours stops nothing', async () => {
    const sent: Sent[] = [];
    for (let i = 0; i < 2; i++) {
      const one = notifier([recorder(sent)]);
      const loop = one.start();
      ends.push(loop.stop);
      const reader = await kafka.read({ group: 'notifier', topics: ['token.lifecycle'], onRecords: one.onRecords });
      ends.push(reader.stop);
    }
    const events = Array.from({ length: 30 }, () => completed());
    const online = completed({ tokenType: 'CARD_ON_FILE' });
    const ids = events.map((e) => e.tokenId);
    await registerFutureType();
    await writer.write([
      ...events.map(lifecycleRecord),
      { topic: 'token.lifecycle', key: ids[0] as string, value: Buffer.from('no Avro, but ana@inbox.example') },
      { topic: 'token.lifecycle', key: ids[1] as string, value: null },
      { topic: 'token.lifecycle', key: ids[2] as string, value: await futureRecord() },
      lifecycleRecord(completed({ tokenId: ids[3] as string, completedAt: 8.64e15 })),
      lifecycleRecord(online),
      ...events.map(lifecycleRecord),
    ]);
    // The same completion under another event id: a rebuilt log.
    await writer.write(events.map((event) => lifecycleRecord({ ...event, eventId: randomUUID() })));

    await until('every notice to be out, and receipts and messages marked so', async () => {
      const done = await notices().countDocuments({
        state: 'DELIVERED',
        published: true,
        receiptsOwed: { $exists: false },
      });
      return done === 30 ? true : undefined;
    });
    const last = completed();
    await writer.write([lifecycleRecord(last)]);
    await until('the last notice', async () =>
      (await noticeOf(last.tokenId))?.state === 'DELIVERED' ? true : undefined,
    );
    await until('its receipt', async () => ((await receipts(last.tokenId)).length === 1 ? true : undefined));

    expect(
      sent
        .filter((s) => s.noticeId !== `completion-${last.tokenId}`)
        .map((s) => s.noticeId)
        .sort(),
    ).toEqual(ids.map((id) => `completion-${id}`).sort());
    expect(await notices().countDocuments({})).toBe(31);
    expect(await noticeOf(online.tokenId)).toBeNull();
    expect(await noticeOf(ids[0] as string)).toMatchObject({
      _id: `completion-${ids[0]}`,
      kind: 'PROVISIONING_COMPLETED',
      state: 'DELIVERED',
      outcome: 'MET',
      attempts: [{ channel: 'programme-webhook', outcome: 'DELIVERED' }],
      causeEventId: events[0]?.eventId,
      policy: 'builtin-1/completion',
    });

    const told = await messages(...ids);
    expect(new Set(told.map((m) => m.messageId)).size).toBe(30);
    expect(told.find((m) => m.tokenId === ids[0])).toMatchObject({
      kind: 'PROVISIONING_COMPLETED',
      wallet: 'APPLE',
      card: { last4: '1234' },
      deadlineAt: (events[0]?.completedAt as number) + 30 * minute,
    });
    expect(new Set((await receipts(...ids)).map((r) => `${r.receiptId} ${r.outcome}`))).toEqual(
      new Set(ids.map((id) => `completion-${id}:1 DELIVERED`)),
    );

    const letters: TopicRecords['tokenline.deadletters.DeadLetter'][] = [];
    await kafka.scan('token.dead-letters', async (record) => {
      expect(String(record.value)).not.toContain('ana@inbox.example');
      const decoded = await codec.decode(record.value as Buffer);
      if (decoded.ok && decoded.type === 'tokenline.deadletters.DeadLetter') letters.push(decoded.value);
    });
    const byId = new Map(letters.map((letter) => [letter.deadLetterId, letter]));
    expect([...byId.values()].map((l) => `${l.stage} ${l.reasonCode}`).sort()).toEqual([
      'NOTIFIER EVENT_INVALID',
      'NOTIFIER UNDECODABLE',
      'NOTIFIER UNDECODABLE',
    ]);
    const invalid = [...byId.values()].find((l) => l.reasonCode === 'EVENT_INVALID');
    expect(invalid?.errors).toEqual([{ path: 'completedAt', message: 'is not a moment a calendar knows' }]);
    const originals = await Promise.all(
      [...byId.values()].map((l) => (l.original === undefined ? 'none' : sealer.open('original', l.original))),
    );
    expect(originals).toContain(Buffer.from('no Avro, but ana@inbox.example').toString('base64'));
  });
});

let futureId = 0;

async function registerFutureType(): Promise<void> {
  const schema = JSON.stringify({
    type: 'record',
    namespace: 'tokenline.lifecycle',
    name: 'FromAnotherAge',
    fields: [],
  });
  const subject = `${prefix}token.lifecycle-tokenline.lifecycle.FromAnotherAge`;
  const response = await fetch(`${config.schemaRegistryUrl}/subjects/${encodeURIComponent(subject)}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schemaType: 'AVRO', schema }),
  });
  futureId = ((await response.json()) as { id: number }).id;
}

async function futureRecord(): Promise<Buffer> {
  const value = Buffer.alloc(6);
  value.writeInt32BE(futureId, 1);
  expect(await codec.decode(value)).toMatchObject({ ok: false, reason: 'unknown-type' });
  return value;
}

describe('instances that share a ledger', () => {
  it('never send one entry twice while all are alive, and share the work', async () => {
    const sent: Sent[] = [];
    const pause = () => new Promise<ChannelAnswer>((resolve) => setTimeout(() => resolve({ outcome: 'ACCEPTED' }), 3));
    const all = Array.from({ length: 3 }, () => notifier([recorder(sent, pause)]));
    const events = Array.from({ length: 200 }, () => completed());
    await Promise.all(all.map((one) => one.onRecords(events.map((event, i) => read(event, i)))));
    await Promise.all(all.map((one) => one.runOnce()));
    expect(sent).toHaveLength(200);
    expect(new Set(sent.map((s) => s.noticeId)).size).toBe(200);
    expect(new Set(sent.map((s) => s.by)).size).toBeGreaterThan(1);
    expect(await notices().countDocuments({ state: 'SENT', outcome: 'MET' })).toBe(200);
  });
});

describe('entries in hand', () => {
  it('whose lease has grown too old are given back, not sent on it', async () => {
    const clock = virtualClock(Date.now());
    const sent: Sent[] = [];
    const slowStart: Answer = (_, n) => {
      if (n === 1) clock.move(9_000);
      return { outcome: 'ACCEPTED' };
    };
    const one = notifier([recorder(sent, slowStart)], clock);
    const other = notifier([recorder(sent)], clock);
    await one.onRecords(Array.from({ length: 40 }, (_, i) => read(completed(), i)));
    const working = one.runOnce();
    await until('the first send', () => (sent.length > 0 ? true : undefined));
    await other.runOnce();
    await working;
    await other.runOnce();
    expect(sent).toHaveLength(40);
    expect(new Set(sent.map((s) => s.noticeId)).size).toBe(40);
    expect(await notices().countDocuments({ state: 'PENDING' })).toBe(0);
  });

  it('are free for others at once when the instance stops', async () => {
    const sent: Sent[] = [];
    const pause = () =>
      new Promise<ChannelAnswer>((resolve) => setTimeout(() => resolve({ outcome: 'ACCEPTED' }), 300));
    const one = notifier([recorder(sent, pause)]);
    await one.onRecords(Array.from({ length: 50 }, (_, i) => read(completed(), i)));
    const loop = one.start();
    await until('sends under way', () => (sent.length >= 10 ? true : undefined));
    await loop.stop();
    const left = await notices().countDocuments({ state: 'PENDING' });
    expect(left).toBe(50 - sent.length);
    expect(left).toBeGreaterThan(0);
    expect(await notices().countDocuments({ lease: { $exists: true } })).toBe(0);
  });
});

// ── Crashes ─────────────────────────────────────────────────────────────────────────────────────

describe('a channel that breaks after it took the message', () => {
  it('is tried again under the same key, and the ledger tells both attempts', async () => {
    const clock = virtualClock(Date.now());
    const sent: Sent[] = [];
    const dies: Answer = (_, n) => {
      if (n === 1) throw new Error('torn away while ana@inbox.example was being told');
      return { outcome: 'ACCEPTED', providerReference: 'm-1' };
    };
    const one = notifier([recorder(sent, dies)], clock);
    const event = completed({ completedAt: clock.now() });
    await one.onRecords([read(event)]);
    await one.runOnce();
    expect(await noticeOf(event.tokenId)).toMatchObject({ state: 'PENDING', outcome: null });
    clock.move(5_000);
    await one.runOnce();
    expect(sent.map((s) => s.key)).toEqual(Array(2).fill(`completion-${event.tokenId}:programme-webhook`));
    const doc = await noticeOf(event.tokenId);
    expect(doc).toMatchObject({
      state: 'SENT',
      outcome: 'MET',
      attempts: [
        { outcome: 'FAILED', reason: 'channel-error' },
        { outcome: 'ACCEPTED', providerReference: 'm-1' },
      ],
    });
    expect(JSON.stringify(doc)).not.toContain('ana');
  });
});

describe('an instance that dies, or sleeps, while sending', () => {
  it('loses the entry when its lease runs out, and its late word does not count', async () => {
    const clock = virtualClock(Date.now());
    const sent: Sent[] = [];
    let wake: (answer: ChannelAnswer) => void = () => undefined;
    const sleeper = notifier(
      [
        recorder(
          sent,
          () =>
            new Promise<ChannelAnswer>((resolve) => {
              wake = resolve;
            }),
        ),
      ],
      clock,
    );
    const other = notifier([recorder(sent, () => ({ outcome: 'FAILED', reason: 'http-503' }))], clock);
    const event = completed({ completedAt: clock.now() });
    await sleeper.onRecords([read(event)]);
    const asleep = sleeper.runOnce();
    await until('the first to be sending', () => (sent.length === 1 ? true : undefined));

    clock.move(19_000);
    await other.runOnce();
    expect(sent).toHaveLength(1);

    clock.move(1_001);
    await other.runOnce();
    expect(sent.map((s) => s.key)).toEqual(Array(2).fill(`completion-${event.tokenId}:programme-webhook`));

    wake({ outcome: 'ACCEPTED', providerReference: 'from-sleeper' });
    await asleep;
    const doc = await noticeOf(event.tokenId);
    expect(doc).toMatchObject({ state: 'PENDING', outcome: null });
    expect(doc?.attempts).toMatchObject([{ outcome: 'FAILED', reason: 'http-503' }]);
    expect(await receipts(event.tokenId)).toHaveLength(1);
  });
});

describe('a crash between the message and its mark', () => {
  it('writes the message again under the same id, and one entry stands', async () => {
    const event = completed();
    let crash = true;
    const torn: LogWriter = {
      ...writer,
      write: async (records) => {
        await writer.write(records);
        if (crash && records.length > 0) throw new Error('killed');
      },
    };
    const one = notifier([], systemClock, { writer: torn });
    await expect(one.onRecords([read(event)])).rejects.toThrow('killed');
    crash = false;
    await one.onRecords([read(event)]);
    await one.onRecords([read(event)]);
    const told = await messages(event.tokenId);
    expect(told).toHaveLength(2);
    expect(told[0]).toEqual(told[1]);
    expect(await noticeOf(event.tokenId)).toMatchObject({ state: 'PENDING', published: true });
  });
});

describe('a message the log did not take, of a notice that is in hand already', () => {
  it('does not keep the notice back, and is written when the event comes again', async () => {
    const sent: Sent[] = [];
    let down = false;
    const flaky: LogWriter = {
      ...writer,
      write: (records) => (down ? Promise.reject(new Error('the log is away')) : writer.write(records)),
    };
    const one = notifier([recorder(sent)], systemClock, { writer: flaky });
    const loop = one.start();
    ends.push(loop.stop);
    const told = (event: ProvisioningCompleted) =>
      until('the notice', async () => ((await noticeOf(event.tokenId))?.state === 'DELIVERED' ? true : undefined));
    const [before, event] = [completed(), completed()];
    await one.onRecords([read(before)]);
    await told(before);
    down = true;
    await expect(one.onRecords([read(event)])).rejects.toThrow('the log is away');
    await told(event);
    expect(await noticeOf(event.tokenId)).toMatchObject({ published: false });
    down = false;
    await one.onRecords([read(event)]);
    expect(await noticeOf(event.tokenId)).toMatchObject({ published: true, attempts: [{}] });
    expect(await messages(event.tokenId)).toHaveLength(1);
    expect(sent).toHaveLength(2);
  });
});

describe('receipts the log did not take', () => {
  it('stay owed, and go out once it does', async () => {
    const clock = virtualClock(Date.now());
    const event = completed({ completedAt: clock.now() });
    let down = false;
    const flaky: LogWriter = {
      ...writer,
      write: (records) => (down ? Promise.reject(new Error('the log is away')) : writer.write(records)),
    };
    const one = notifier([recorder([])], clock, { writer: flaky });
    await one.onRecords([read(event)]);
    down = true;
    await one.runOnce();
    expect(await noticeOf(event.tokenId)).toMatchObject({
      state: 'DELIVERED',
      receiptsOwed: { mark: expect.any(String) },
    });
    expect(await receipts(event.tokenId)).toHaveLength(0);
    down = false;
    clock.move(11_000);
    await one.runOnce();
    expect(await receipts(event.tokenId)).toMatchObject([
      { receiptId: `completion-${event.tokenId}:1`, outcome: 'DELIVERED' },
    ]);
    expect(await noticeOf(event.tokenId)).not.toHaveProperty('receiptsOwed');
  });
});

// ── Deadlines ───────────────────────────────────────────────────────────────────────────────────

describe('the deadline', () => {
  it('is held through the second channel while the first is down', async () => {
    const clock = virtualClock(Date.now());
    const sent: Sent[] = [];
    const event = completed({ completedAt: clock.now() });
    const down = recorder(sent, () => ({ outcome: 'FAILED', reason: 'http-503' }), { name: 'webhook' });
    const up = recorder(sent, () => ({ outcome: 'ACCEPTED' }));
    const one = notifier([{ ...down, reaches: 'programme' }, up], clock);
    await one.onRecords([read(event)]);
    await one.runOnce();
    await pass(one, clock, 5 * minute);
    const doc = await noticeOf(event.tokenId);
    expect(doc).toMatchObject({ state: 'SENT', outcome: 'MET', channel: 'programme-webhook' });
    expect(doc?.attempts.map((a) => a.channel)).toEqual([...Array(5).fill('webhook'), 'programme-webhook']);
  });

  it('missed is alarmed once, when it passes; the notice is still sent, and stays BREACHED', async () => {
    const clock = virtualClock(Date.now());
    const start = clock.now();
    const metrics = new Registry();
    const event = completed({ completedAt: start });
    const answer: Answer = () =>
      clock.now() < start + 40 * minute ? { outcome: 'FAILED', reason: 'timeout' } : { outcome: 'ACCEPTED' };
    const one = notifier([recorder([], answer)], clock, { metrics });
    await one.onRecords([read(event)]);
    await pass(one, clock, 30 * minute);
    expect(await noticeOf(event.tokenId)).toMatchObject({ state: 'PENDING', outcome: null });
    await pass(one, clock, minute);
    expect(await noticeOf(event.tokenId)).toMatchObject({ state: 'PENDING', outcome: 'BREACHED' });
    expect(await metrics.metrics()).toContain('tokenline_notice_breaches_total{kind="PROVISIONING_COMPLETED"} 1');
    expect(await metrics.metrics()).toContain('tokenline_notices_waiting{which="overdue"} 1');
    await pass(one, clock, 25 * minute, minute);
    expect(await noticeOf(event.tokenId)).toMatchObject({ state: 'SENT', outcome: 'BREACHED' });
    const told = await receipts(event.tokenId);
    expect(told.filter((r) => r.outcome === 'BREACHED')).toHaveLength(1);
    expect(told.filter((r) => r.outcome === 'ACCEPTED')).toHaveLength(1);
    expect(await metrics.metrics()).toContain('tokenline_notice_breaches_total{kind="PROVISIONING_COMPLETED"} 1');
  });

  it('already gone when the completion becomes known: sent at once, BREACHED', async () => {
    const clock = virtualClock(Date.now());
    const event = completed({ completedAt: clock.now() - 31 * minute });
    const one = notifier([recorder([])], clock);
    await one.onRecords([read(event)]);
    await one.runOnce();
    expect(await noticeOf(event.tokenId)).toMatchObject({ state: 'DELIVERED', outcome: 'BREACHED' });
    expect((await receipts(event.tokenId)).map((r) => r.outcome).sort()).toEqual(['BREACHED', 'DELIVERED']);
  });

  it('of a completion dated in the future is met: it is sent as soon as it is known', async () => {
    const event = completed({ completedAt: Date.UTC(2030, 0, 15, 10, 0, 9) });
    const one = notifier([recorder([])], virtualClock(Date.UTC(2026, 10, 21)));
    await one.onRecords([read(event)]);
    await one.runOnce();
    expect(await noticeOf(event.tokenId)).toMatchObject({
      state: 'DELIVERED',
      outcome: 'MET',
      dueAt: new Date('2030-01-15T10:00:09.000Z'),
      deadlineAt: new Date('2030-01-15T10:30:09.000Z'),
      sentAt: new Date('2026-11-21T00:00:00.000Z'),
    });
  });
});

// ── Contacts ────────────────────────────────────────────────────────────────────────────────────

async function outboxHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'tokenline-notifier-'));
  ends.push(() => rm(home, { recursive: true, force: true }));
  return home;
}

async function programme(): Promise<{ readonly url: string; readonly bodies: string[] }> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      bodies.push(body);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()));
  ends.push(
    () => void server.close(),
    () => server.closeAllConnections(),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, bodies };
}

const settings = (mode: 'local' | 'production', home: string, webhookUrl?: string) => ({
  mode,
  home,
  notifier: { smtpFrom: 'cards@bank.example', smsSegments: 3, ...(webhookUrl !== undefined && { webhookUrl }) },
});

describe('a card with no known contact', () => {
  it('goes to the local outbox in local mode', async () => {
    const home = await outboxHome();
    const one = notifier(createChannels(settings('local', home), systemClock, 10));
    const event = completed();
    await one.onRecords([read(event)]);
    await one.runOnce();
    expect(await noticeOf(event.tokenId)).toMatchObject({ state: 'DELIVERED', outcome: 'MET', channel: 'outbox' });
    expect(await readdir(join(home, 'outbox'))).toEqual([`completion-${event.tokenId}.txt`]);
  });

  it('goes to the programme’s own webhook elsewhere', async () => {
    const { url, bodies } = await programme();
    const one = notifier(createChannels(settings('production', 'unused', url), systemClock, 10));
    const event = completed();
    await one.onRecords([read(event)]);
    await one.runOnce();
    expect(await noticeOf(event.tokenId)).toMatchObject({
      state: 'SENT',
      outcome: 'MET',
      channel: 'programme-webhook',
    });
    expect(JSON.parse(bodies[0] as string)).toMatchObject({ data: { tokenId: event.tokenId } });
  });

  it('is FAILED and alarmed where there is no such webhook either; BREACHED once the deadline has passed', async () => {
    const clock = virtualClock(Date.now());
    const metrics = new Registry();
    const one = notifier(createChannels(settings('production', 'unused'), clock, 10), clock, { metrics });
    const event = completed({ completedAt: clock.now() });
    await one.onRecords([read(event)]);
    await one.runOnce();
    const doc = await noticeOf(event.tokenId);
    expect(doc).toMatchObject({ state: 'FAILED', reason: 'no-contact', outcome: null });
    expect(doc).not.toHaveProperty('channel');
    expect(await receipts(event.tokenId)).toMatchObject([{ channel: 'none', outcome: 'FAILED', reason: 'no-contact' }]);
    expect(await metrics.metrics()).toMatch(/tokenline_notices_total\{[^}]*state="FAILED"[^}]*reason="no-contact"\} 1/);
    clock.move(31 * minute);
    await one.runOnce();
    expect(await noticeOf(event.tokenId)).toMatchObject({ state: 'FAILED', outcome: 'BREACHED' });
    expect((await receipts(event.tokenId)).map((r) => r.outcome)).toContain('BREACHED');
  });
});

describe('a known contact', () => {
  const canaries = ['ana.canary@inbox.example', '+447700900777', 'hook-canary-61'];

  async function cardholder(cardRef: string, hook: string): Promise<void> {
    await collections(store.db).cardholders.insertOne({
      _id: cardRef,
      emailSealed: await sealer.seal('contact', canaries[0] as string),
      phoneSealed: await sealer.seal('contact', canaries[1] as string),
      webhookSealed: await sealer.seal('contact', hook),
      updatedAt: new Date(),
    });
  }

  it('is opened for the send, and stands in clear in no collection, topic or file', async () => {
    const { url, bodies } = await programme();
    const home = await outboxHome();
    const events = [completed(), completed()];
    for (const event of events) await cardholder(event.card?.ref as string, `${url}hook-canary-61`);
    const viaHook = notifier(createChannels(settings('local', home), systemClock, 10));
    await viaHook.onRecords([read(events[0] as ProvisioningCompleted)]);
    await viaHook.runOnce();
    expect(await noticeOf(events[0]?.tokenId as string)).toMatchObject({ state: 'SENT', channel: 'webhook' });
    expect(bodies).toHaveLength(1);

    const onlyOutbox = createChannels(settings('local', home), systemClock, 10).filter((c) => c.name === 'outbox');
    const viaOutbox = notifier(onlyOutbox);
    await viaOutbox.onRecords([read(events[1] as ProvisioningCompleted)]);
    await viaOutbox.runOnce();
    const file = await readFile(join(home, 'outbox', `completion-${events[1]?.tokenId}.txt`), 'utf8');
    expect(file).toContain('To: a***@i***, +44*****777, http://1***');

    const everything = [file, ...bodies];
    for (const collection of await store.db.collections()) {
      everything.push(JSON.stringify(await collection.find({}).toArray()));
    }
    for (const topic of ['cardholder.messages', 'cardholder.receipts', 'token.dead-letters'] as const) {
      await kafka.scan(
        topic,
        (record) => void everything.push(`${record.key} ${record.value} ${JSON.stringify(record.headers)}`),
      );
    }
    expect(everything.length).toBeGreaterThan(6);
    for (const canary of canaries) for (const text of everything) expect(text).not.toContain(canary);
  });

  it('that cannot be opened fails over to the programme, and says why', async () => {
    const { url } = await programme();
    const clock = virtualClock(Date.now());
    const event = completed({ completedAt: clock.now() });
    const foreign = createSealer(parseKeySet(generateKeySet()));
    await collections(store.db).cardholders.insertOne({
      _id: event.card?.ref as string,
      webhookSealed: await foreign.seal('contact', 'https://x.example/'),
      updatedAt: new Date(),
    });
    const one = notifier(createChannels(settings('production', 'unused', url), clock, 10), clock);
    await one.onRecords([read(event)]);
    await pass(one, clock, 5 * minute);
    const doc = await noticeOf(event.tokenId);
    expect(doc).toMatchObject({ state: 'SENT', outcome: 'MET', channel: 'programme-webhook' });
    expect(doc?.attempts[0]).toMatchObject({ channel: 'webhook', outcome: 'FAILED', reason: 'contact-unreadable' });
  });

  it('no channel is set up for is another failure than no contact', async () => {
    const event = completed();
    await collections(store.db).cardholders.insertOne({
      _id: event.card?.ref as string,
      phoneSealed: await sealer.seal('contact', '+447700900777'),
      updatedAt: new Date(),
    });
    const one = notifier(createChannels(settings('production', 'unused'), systemClock, 10));
    await one.onRecords([read(event)]);
    await one.runOnce();
    expect(await noticeOf(event.tokenId)).toMatchObject({ state: 'FAILED', reason: 'no-channel' });
  });
});

// ── Activation codes ────────────────────────────────────────────────────────────────────────────

describe('an activation code', () => {
  const code = '918273';
  const [phone, other, email] = ['+447700900123', '+447700900555', 'ana.canary@inbox.example'];

  /** Puts the code of an event into the vault, as ingest does before the event can be. */
  async function vaulted(event: ActivationCodeIssued, contact?: string): Promise<void> {
    await createVault(collections(store.db).activationCodes).put(
      [
        {
          noticeId: noticeIdOf('ACTIVATION_CODE', event.factId),
          codeSealed: await sealer.seal('activation-code', code),
          contactSealed: contact === undefined ? undefined : await sealer.seal('contact', contact),
          wipeAt: event.expiresAt ?? event.occurredAt + 30 * minute,
        },
      ],
      0,
    );
  }

  async function holder(event: ActivationCodeIssued): Promise<void> {
    await collections(store.db).cardholders.insertOne({
      _id: event.card?.ref as string,
      phoneSealed: await sealer.seal('contact', phone as string),
      emailSealed: await sealer.seal('contact', email as string),
      webhookSealed: await sealer.seal('contact', 'https://hook.example/'),
      updatedAt: new Date(),
    });
  }

  const vaultOf = () => collections(store.db).activationCodes.find({}).toArray();

  interface Passed {
    readonly by: string;
    readonly contact: unknown;
    readonly text: string;
  }

  /** One channel of each kind; each writes down what it is handed and answers. */
  function allChannels(passed: Passed[], answer: (by: string) => ChannelAnswer = () => ({ outcome: 'ACCEPTED' })) {
    const one = (name: Channel['name'], reaches: Channel['reaches'], uses: Channel['uses']): Channel => ({
      name,
      reaches,
      uses,
      send: async (delivery) => {
        passed.push({ by: name, contact: delivery.contact, text: delivery.text('plain').body });
        return answer(name);
      },
      close: async () => undefined,
    });
    return [
      one('smtp', 'cardholder', ['email']),
      one('sms', 'cardholder', ['phone']),
      one('webhook', 'cardholder', ['webhook']),
      one('programme-webhook', 'programme', []),
    ];
  }

  it.each<[string | undefined, string, Record<string, string>]>([
    ['SMS', 'sms', { phone: phone as string }],
    ['EMAIL', 'smtp', { email: email as string }],
    ['APP', 'programme-webhook', {}],
    [undefined, 'programme-webhook', {}],
  ])('chosen by %s is told once, by %s, and wiped', async (method, by, contact) => {
    const passed: Passed[] = [];
    const event = issued({ method });
    await vaulted(event);
    await holder(event);
    const one = notifier(allChannels(passed));
    await one.onRecords([read(event)]);
    await one.runOnce();
    await one.onRecords([read(event), read({ ...event, eventId: randomUUID(), tokenId: randomUUID() }, 1)]);
    await one.runOnce();
    expect(passed).toEqual([{ by, contact, text: expect.stringContaining(`${code} is your code`) }]);
    expect(await notices().find({}).toArray()).toMatchObject([
      {
        _id: noticeIdOf('ACTIVATION_CODE', event.factId),
        kind: 'ACTIVATION_CODE',
        tokenId: event.tokenId,
        state: 'SENT',
        outcome: 'MET',
        channel: by,
        deadlineAt: new Date(event.expiresAt as number),
      },
    ]);
    expect(await vaultOf()).toEqual([
      { _id: noticeIdOf('ACTIVATION_CODE', event.factId), wipeAt: new Date(event.expiresAt as number) },
    ]);
    await vaulted(event);
    expect(JSON.stringify(await vaultOf()), 'a message that comes again').not.toContain('codeSealed');
  });

  it('goes to the number its source names, not to the directory’s', async () => {
    const passed: Passed[] = [];
    const event = issued();
    await vaulted(event, other);
    await holder(event);
    const one = notifier(allChannels(passed));
    await one.onRecords([read(event)]);
    await one.runOnce();
    expect(passed).toMatchObject([{ by: 'sms', contact: { phone: other } }]);
  });

  it('never goes to another address than the one chosen: refused there, it goes to the programme', async () => {
    const passed: Passed[] = [];
    const clock = virtualClock(Date.now());
    const event = issued();
    await vaulted(event);
    await holder(event);
    const answer = (by: string): ChannelAnswer =>
      by === 'sms' ? { outcome: 'REJECTED', reason: 'http-422' } : { outcome: 'ACCEPTED' };
    const one = notifier(allChannels(passed, answer), clock);
    await one.onRecords([read(event)]);
    await one.runOnce();
    clock.move(1_000);
    await one.runOnce();
    expect(passed.map(({ by }) => by)).toEqual(['sms', 'programme-webhook']);
  });

  it('is tried until it lapses while the gateway is down, then called off, BREACHED and wiped', async () => {
    const passed: Passed[] = [];
    const clock = virtualClock(Date.now());
    const metrics = new Registry();
    const event = issued({ occurredAt: clock.now(), recordedAt: clock.now(), expiresAt: clock.now() + 3 * minute });
    await vaulted(event);
    await holder(event);
    const sms = allChannels(passed, () => ({ outcome: 'FAILED', reason: 'http-503' })).slice(1, 2);
    const one = notifier(sms, clock, { metrics });
    await one.onRecords([read(event)]);
    await pass(one, clock, 170_000, 2_000);
    expect(passed.length).toBeGreaterThan(15);
    expect(await vaultOf()).toMatchObject([{ codeSealed: expect.any(String) }]);
    await pass(one, clock, 20_000, 2_000);
    const tries = passed.length;
    await pass(one, clock, 5 * minute);
    expect(passed).toHaveLength(tries);
    expect(await noticeOf(event.tokenId)).toMatchObject({ state: 'CANCELLED', reason: 'expired', outcome: 'BREACHED' });
    expect(await noticeOf(event.tokenId)).not.toHaveProperty('sentAt');
    expect(JSON.stringify(await vaultOf())).not.toContain('codeSealed');
    expect((await receipts(event.tokenId)).filter((r) => r.outcome === 'BREACHED')).toHaveLength(1);
    expect(await metrics.metrics()).toContain('tokenline_notice_breaches_total{kind="ACTIVATION_CODE"} 1');
    expect(await metrics.metrics()).toMatch(
      /tokenline_notices_total\{[^}]*kind="ACTIVATION_CODE"[^}]*state="CANCELLED"[^}]*\} 1/,
    );
  });

  it('that has lapsed when it becomes known is not sent', async () => {
    const passed: Passed[] = [];
    const at = Date.now() - 20 * minute;
    const event = issued({ occurredAt: at, recordedAt: at, expiresAt: at + 15 * minute });
    await vaulted(event);
    await holder(event);
    const one = notifier(allChannels(passed));
    await one.onRecords([read(event)]);
    await one.runOnce();
    expect(passed).toEqual([]);
    expect(await noticeOf(event.tokenId)).toMatchObject({ state: 'CANCELLED', reason: 'expired', outcome: 'BREACHED' });
    expect(JSON.stringify(await vaultOf())).not.toContain('codeSealed');
  });

  it('that is not in the vault is called off, and BREACHED when it would have lapsed', async () => {
    const clock = virtualClock(Date.now());
    const event = issued();
    const one = notifier(allChannels([]), clock);
    await one.onRecords([read(event)]);
    await one.runOnce();
    expect(await noticeOf(event.tokenId)).toMatchObject({ state: 'CANCELLED', reason: 'no-code', outcome: null });
    clock.move(16 * minute);
    await one.runOnce();
    expect(await noticeOf(event.tokenId)).toMatchObject({ state: 'CANCELLED', reason: 'no-code', outcome: 'BREACHED' });
  });

  it('that cannot be opened is tried again, and says why', async () => {
    const event = issued();
    const foreign = createSealer(parseKeySet(generateKeySet()));
    await collections(store.db).activationCodes.insertOne({
      _id: noticeIdOf('ACTIVATION_CODE', event.factId),
      codeSealed: await foreign.seal('activation-code', code),
      wipeAt: new Date(event.expiresAt as number),
    });
    const one = notifier(allChannels([]));
    await one.onRecords([read(event)]);
    await one.runOnce();
    expect(await noticeOf(event.tokenId)).toMatchObject({
      state: 'PENDING',
      attempts: [{ channel: 'programme-webhook', reason: 'code-unreadable' }],
    });
  });

  it('stands in clear in no collection, topic or file, not even in the local outbox', async () => {
    const home = await outboxHome();
    const event = issued({ method: 'EMAIL' });
    await vaulted(event, email);
    const one = notifier(createChannels(settings('local', home), systemClock, 10));
    await one.onRecords([read(event)]);
    const everything = [JSON.stringify(await vaultOf())];
    await one.runOnce();
    expect(await noticeOf(event.tokenId)).toMatchObject({ state: 'DELIVERED', outcome: 'MET', channel: 'outbox' });
    const [file] = await readdir(join(home, 'outbox'));
    const letter = await readFile(join(home, 'outbox', file as string), 'utf8');
    expect(letter).toContain('•••••• is your code');
    expect(letter).toContain('To: a***@i***');
    everything.push(letter);
    for (const collection of await store.db.collections())
      everything.push(JSON.stringify(await collection.find({}).toArray()));
    for (const topic of ['cardholder.messages', 'cardholder.receipts', 'token.dead-letters'] as const) {
      await kafka.scan(topic, (record) => void everything.push(`${record.value} ${JSON.stringify(record.headers)}`));
    }
    expect((await messages(event.tokenId)).map(({ kind }) => kind)).toEqual(['ACTIVATION_CODE']);
    for (const text of everything) for (const secret of [code, email as string]) expect(text).not.toContain(secret);
  });
});
