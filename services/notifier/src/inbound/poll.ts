/**
 * Asking the SMS gateway what became of its messages, where it does not call back:
 *
 *   SENT by sms, no word for 5 min ── due ──▶ asked ── delivered, undelivered ──▶ as if called back (hear.ts)
 *                                      ▲        └── under way, no answer ──▶ asked again after as long as it has been sent, 24 h in all
 *                                      └──────────────────────────────────────────┘
 *
 * GET <TOKENLINE_SMS_STATUS_URL with the noticeId for {reference}>, signed like the request it asks about, over an empty body. An answer of 200 is
 * {"status": "…", "id"?, "reason"?, "at"?}. An entry is moved on before its question goes out, so that of several instances one asks.
 */
import type { Logger } from '@tokenline/runtime';
import type { NoticeDoc } from '@tokenline/store';
import type { Collection, Filter } from 'mongodb';
import { keyOf, readShort, webhookSignature } from '../channels/post.js';
import type { Clock } from '../clock.js';
import { firstAskMs } from '../entry.js';
import type { Hear } from './hear.js';
import { readSaid } from './said.js';

export interface PollParts {
  readonly statusUrl: string;
  readonly secret?: string | undefined;
  readonly notices: Collection<NoticeDoc>;
  readonly hear: Hear;
  readonly clock: Clock;
  readonly log: Logger;
}

const minute = 60_000;
export const askForMs = 24 * 60 * minute;
const atOnce = 50;
const answerWithinMs = 5_000;
const roundMs = 15_000;

/** When to ask again of a message handed over at `sentAt`: after as long as it has been gone by now; undefined after a day. Epoch milliseconds. */
export function nextAsk(sentAt: number, now: number): number | undefined {
  const gone = now - sentAt;
  return gone > askForMs ? undefined : now + Math.max(firstAskMs, gone);
}

/** One round: asks of up to fifty messages that are due. Gives how many it asked of. Throws when MongoDB does not answer. */
export async function pollOnce({ statusUrl, secret, notices, hear, clock, log }: PollParts): Promise<number> {
  const now = clock.now();
  const due: Filter<NoticeDoc> = { state: 'SENT', askAt: { $lte: new Date(now) } };
  let asked = 0;
  for (const { _id, attempts } of await notices.find(due).sort({ askAt: 1 }).limit(atOnce).toArray()) {
    const next = nextAsk(attempts.findLast(({ channel }) => channel === 'sms')?.at.getTime() ?? 0, now);
    const moved = next === undefined ? { $unset: { askAt: '' as const } } : { $set: { askAt: new Date(next) } };
    const { modifiedCount } = await notices.updateOne({ ...due, _id }, moved);
    if (modifiedCount === 0 || next === undefined) continue;
    asked += 1;
    const answer = await ask(statusUrl.replaceAll('{reference}', encodeURIComponent(_id)), _id, secret, now);
    const reading = answer === undefined ? undefined : readSaid(answer, _id);
    if (reading?.ok !== true) log.debug({ noticeId: _id }, 'The SMS gateway does not say what became of a message');
    else if (reading.said.status !== 'under-way') {
      const { reference: noticeId, ...said } = reading.said;
      await hear({ noticeId, channel: 'sms', ...said });
    }
  }
  return asked;
}

/** The body of a 200; undefined for everything else. */
async function ask(
  url: string,
  noticeId: string,
  secret: string | undefined,
  now: number,
): Promise<string | undefined> {
  const timestamp = Math.floor(now / 1_000);
  try {
    const response = await fetch(url, {
      headers: {
        'user-agent': 'tokenline-notifier',
        'webhook-id': noticeId,
        'webhook-timestamp': String(timestamp),
        ...(secret !== undefined && { 'webhook-signature': webhookSignature(keyOf(secret), noticeId, timestamp, '') }),
      },
      redirect: 'manual',
      signal: AbortSignal.timeout(answerWithinMs),
    });
    if (response.status !== 200) {
      await response.body?.cancel().catch(() => undefined);
      return undefined;
    }
    return await readShort(response);
  } catch {
    return undefined;
  }
}

/** Asks from now on. Gives the way to stop. */
export function startPolling(parts: PollParts): () => Promise<void> {
  let stopping = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const round = async (): Promise<void> => {
    try {
      await pollOnce(parts);
    } catch (error) {
      parts.log.warn({ err: error }, 'What became of text messages cannot be asked now');
    }
    if (!stopping) plan();
  };
  const plan = (): void => {
    timer = setTimeout(() => {
      running = round();
    }, roundMs);
  };
  plan();
  return async () => {
    stopping = true;
    clearTimeout(timer);
    await running;
  };
}
