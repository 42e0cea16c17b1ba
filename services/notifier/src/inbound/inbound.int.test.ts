/** Receipts that come back, by call-back and by poll, on a real ledger and log. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDoorApp, Registry } from '@tokenline/runtime';
import type { NoticeDoc } from '@tokenline/store';
import type { FastifyInstance } from 'fastify';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Channel, ChannelAnswer, ChannelName } from '../channels/port.js';
import { keyOf, webhookSignature } from '../channels/post.js';
import { firstAskMs } from '../entry.js';
import {
  completed,
  config,
  log,
  minute,
  notices,
  notifier as notifierOf,
  read,
  receipts as receiptsOf,
  useStack,
} from '../given.js';
import type { Notifier } from '../notifier.js';
import { receiptDoor, receiptLimit } from './door.js';
import { askForMs, pollOnce } from './poll.js';

useStack();
const secret = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;

let now: number;
const clock = { now: () => now };
beforeEach(() => {
  now = Date.now();
});

function channel(
  name: ChannelName,
  sent: string[],
  answer: () => ChannelAnswer = () => ({ outcome: 'ACCEPTED' }),
): Channel {
  return {
    name,
    reaches: 'programme',
    uses: [],
    send: async () => {
      sent.push(name);
      return answer();
    },
    close: async () => undefined,
  };
}

interface Told {
  readonly notifier: Notifier;
  readonly app: FastifyInstance;
  readonly noticeId: string;
  readonly tokenId: string;
  readonly sent: string[];
  readonly entry: () => Promise<NoticeDoc>;
  readonly metrics: () => Promise<string>;
}

/** A completion whose notice went out, or was tried, by the first of two channels. */
async function told(first?: () => ChannelAnswer, mode: 'local' | 'production' = 'local'): Promise<Told> {
  const sent: string[] = [];
  const channels = [channel('sms', sent, first), channel('programme-webhook', sent)];
  const metrics = new Registry();
  const notifier = notifierOf(channels, clock, { metrics });
  const event = completed({ occurredAt: now, recordedAt: now, completedAt: now });
  const { tokenId } = event;
  await notifier.onRecords([read(event)]);
  await notifier.runOnce();
  const app = createDoorApp({}, receiptLimit, log);
  receiptDoor(app, {
    config: { mode, notifier: { ...config.notifier, smsSecret: secret } },
    hear: notifier.hear,
    clock,
    log,
  });
  const noticeId = `completion-${tokenId}`;
  const entry = async () => (await notices().findOne({ _id: noticeId })) as NoticeDoc;
  return { notifier, app, noticeId, tokenId, sent, entry, metrics: () => metrics.metrics() };
}

interface Sending {
  readonly channel?: string;
  readonly key?: string;
  /** Milliseconds the clock of the sender is ahead. */
  readonly ahead?: number;
  readonly unsigned?: boolean;
  /** What is sent in place of what was signed. */
  readonly tampered?: string;
}

async function post(app: FastifyInstance, body: object | string, sending: Sending = {}) {
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  const timestamp = Math.floor((now + (sending.ahead ?? 0)) / 1_000);
  const signature = webhookSignature(keyOf(sending.key ?? secret), 'call-1', timestamp, payload);
  const headers = { 'webhook-id': 'call-1', 'webhook-timestamp': String(timestamp) };
  return app.inject({
    method: 'POST',
    url: `/v1/receipts/${sending.channel ?? 'sms'}`,
    headers: {
      'content-type': 'application/json',
      ...(sending.unsigned !== true && { ...headers, 'webhook-signature': `v1,bm9wZQ== ${signature}` }),
    },
    payload: sending.tampered ?? payload,
  });
}

describe('a channel that calls back', () => {
  it('has a notice DELIVERED, with a receipt on the log; again, and out of order, it changes nothing', async () => {
    const { app, noticeId, tokenId, entry, notifier } = await told();
    expect(await entry()).toMatchObject({ state: 'SENT', outcome: 'MET' });
    now += 10_000;
    const delivered = { reference: noticeId, id: 'gw-1', status: 'delivered', at: new Date(now - 1_000).toISOString() };
    expect((await post(app, delivered)).statusCode).toBe(204);
    const after = await entry();
    expect(after).toMatchObject({ state: 'DELIVERED', deliveredAt: new Date(now - 1_000), outcome: 'MET' });
    expect(after.attempts).toMatchObject([
      { outcome: 'ACCEPTED' },
      { outcome: 'DELIVERED', receipt: true, providerReference: 'gw-1' },
    ]);
    for (const status of ['delivered', 'undelivered', 'queued'])
      expect((await post(app, { ...delivered, status })).statusCode).toBe(204);
    await notifier.runOnce();
    expect((await entry()).attempts).toEqual(after.attempts);
    expect((await receiptsOf(tokenId)).map(({ outcome, attempt }) => [attempt, outcome])).toEqual([
      [1, 'ACCEPTED'],
      [2, 'DELIVERED'],
    ]);
  });

  it('and says that it did not arrive has another channel tried; the outcome stays, and the evidence shows both', async () => {
    const { app, noticeId, tokenId, entry, notifier, sent, metrics } = await told();
    const { sentAt } = await entry();
    now += minute;
    const lost = { reference: noticeId, status: 'failed', reason: 'ana@inbox.example is unknown' };
    expect((await post(app, lost)).statusCode).toBe(204);
    expect(await entry()).toMatchObject({ state: 'PENDING', outcome: 'MET' });
    expect((await post(app, lost)).statusCode).toBe(204);
    // What changes again before its receipt is out has all its receipts written again.
    await expect.poll(async () => (await entry()).receiptsOwed, { timeout: 10_000 }).toBeUndefined();
    await notifier.runOnce();
    const after = await entry();
    expect(sent).toEqual(['sms', 'programme-webhook']);
    expect(after).toMatchObject({ state: 'SENT', outcome: 'MET', channel: 'programme-webhook', sentAt });
    expect(after.attempts.map(({ channel: by, outcome, reason }) => [by, outcome, reason])).toEqual([
      ['sms', 'ACCEPTED', undefined],
      ['sms', 'REJECTED', 'undelivered'],
      ['programme-webhook', 'ACCEPTED', undefined],
    ]);
    expect((await receiptsOf(tokenId)).map(({ channel: by, outcome }) => `${by} ${outcome}`)).toEqual([
      'sms ACCEPTED',
      'sms REJECTED',
      'programme-webhook ACCEPTED',
    ]);
    expect(JSON.stringify(after)).not.toContain('ana@');
    // It was told when the first channel had it.
    expect(await metrics()).toMatch(/time_to_notify_seconds_count\{[^}]*\} 1\n/);
  });

  it('settles a notice whose answer was lost, so that it goes nowhere else', async () => {
    const { app, noticeId, entry, notifier, sent } = await told(() => ({ outcome: 'FAILED', reason: 'timeout' }));
    expect(await entry()).toMatchObject({ state: 'PENDING', outcome: null });
    expect((await post(app, { reference: noticeId, status: 'delivered' })).statusCode).toBe(204);
    now += 20 * minute;
    await notifier.runOnce();
    expect(sent).toEqual(['sms']);
    expect(await entry()).toMatchObject({ state: 'DELIVERED', outcome: 'MET' });
  });

  it('while the notice is in somebody’s hands is asked to say it again', { timeout: 20_000 }, async () => {
    const { app, noticeId } = await told(() => ({ outcome: 'FAILED', reason: 'timeout' }));
    await notices().updateOne(
      { _id: noticeId },
      { $set: { lease: { owner: 'another', until: new Date(now + minute) } } },
    );
    const answer = await post(app, { reference: noticeId, status: 'delivered' });
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('2');
  });

  it('ten times at once has one receipt written', async () => {
    const { app, noticeId, entry } = await told();
    const body = { reference: noticeId, status: 'delivered' };
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(app, body)));
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([204]));
    expect((await entry()).attempts).toHaveLength(2);
  });
});

describe('the door for receipts', () => {
  it.each<[string, number, Sending]>([
    ['without a signature', 401, { unsigned: true }],
    ['signed with another secret', 403, { key: 'another secret' }],
    ['changed after it was signed', 403, { tampered: '{"reference":"x","status":"delivered"}' }],
    ['signed six minutes ago', 403, { ahead: -6 * minute }],
    ['signed for six minutes from now', 403, { ahead: 6 * minute }],
    ['signed four minutes ago, of a channel that never had it', 404, { ahead: -4 * minute, channel: 'push' }],
    ['of a channel there is none of', 404, { channel: 'smtp' }],
    ['of a channel that never had it', 404, { channel: 'push' }],
  ])('turns away what is %s', async (_, status, sending) => {
    const { app, noticeId, entry } = await told();
    const answer = await post(app, { reference: noticeId, status: 'delivered' }, sending);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.body).not.toContain(noticeId);
    expect(await entry()).toMatchObject({ state: 'SENT' });
  });

  it('is shut for a channel without a secret outside local mode', async () => {
    const { app, noticeId } = await told(undefined, 'production');
    const body = { reference: noticeId, status: 'delivered' };
    expect((await post(app, body, { channel: 'push', unsigned: true })).statusCode).toBe(404);
    expect((await post(app, body, { channel: 'push' })).statusCode).toBe(404);
    expect((await post(app, body)).statusCode).toBe(204);
  });

  it.each<[string, object | string, string]>([
    ['no JSON', 'delivered', ''],
    ['no reference', { status: 'delivered' }, 'reference'],
    ['no status', { reference: 'n' }, 'status'],
    ['no time', { reference: 'n', status: 'delivered', at: 'yesterday' }, 'at'],
  ])('says what cannot be read: %s', async (_, body, path) => {
    const { app } = await told();
    const answer = await post(app, body);
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({ errors: [{ path }] });
  });

  it('knows no notice by a name it never gave, and takes no more than it needs', async () => {
    const { app } = await told();
    expect((await post(app, { reference: 'completion-nobody', status: 'delivered' })).statusCode).toBe(404);
    expect((await post(app, 'x'.repeat(receiptLimit + 1))).statusCode).toBe(413);
  });
});

describe('a gateway that is asked', () => {
  it('is asked of what it took and said nothing more of, ever less often, for a day', async () => {
    const { noticeId, notifier, entry } = await told();
    const asked: { readonly url: string; readonly signed: boolean }[] = [];
    let answer: object = { status: 'queued' };
    const server = createServer((request, response) => {
      asked.push({ url: request.url ?? '', signed: request.headers['webhook-signature'] !== undefined });
      response.writeHead(200).end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()));
    const statusUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/status/{reference}`;
    const poll = () => pollOnce({ statusUrl, secret, notices: notices(), hear: notifier.hear, clock, log });
    const began = now;
    try {
      expect(await poll()).toBe(0);
      now += firstAskMs + 1_000;
      expect(await poll()).toBe(1);
      expect(asked).toEqual([{ url: `/status/${noticeId}`, signed: true }]);
      expect(await poll()).toBe(0);
      let rounds = 1;
      for (; now < began + askForMs - minute; now += minute) rounds += await poll();
      expect(rounds).toBeGreaterThan(5);
      expect(rounds).toBeLessThan(12);
      await notices().updateOne({ _id: noticeId }, { $set: { askAt: new Date(now) } });
      answer = { status: 'delivered' };
      expect(await poll()).toBe(1);
      expect(await entry()).toMatchObject({ state: 'DELIVERED' });
      expect(await poll()).toBe(0);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('is not asked any more after a day', async () => {
    const { notifier, entry } = await told();
    now += askForMs + minute;
    const statusUrl = 'http://127.0.0.1:1/{reference}';
    expect(await pollOnce({ statusUrl, notices: notices(), hear: notifier.hear, clock, log })).toBe(0);
    expect((await entry()).askAt).toBeUndefined();
  });
});
