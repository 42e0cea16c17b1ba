/**
 * A POST of JSON that is signed, may be repeated, and whose answer says whether it was taken: what webhooks and the SMS gateway have in common.
 *
 *   headers   Idempotency-Key; Standard Webhooks' webhook-id (the noticeId), webhook-timestamp and, with a secret, webhook-signature
 *   answer    2xx takes it; its body may be {"id": "…", "delivered": true}
 *             400, 405, 406, 410, 411, 413, 414, 415, 422, 451 and redirects refuse it for good
 *             everything else may work later: 401, 403 and 404 as well, which an operator can put right; Retry-After is heeded
 *
 * The body is the same for every try.
 */
import { createHmac } from 'node:crypto';
import type { Clock } from '../clock.js';
import { type ChannelAnswer, type Delivery, safeReference } from './port.js';

export interface PostOptions {
  /** Signs every request. `whsec_…` is base64 as Standard Webhooks writes it; any other text is used as it is. */
  readonly secret?: string | undefined;
  readonly clock: Clock;
}

/** Posts `payload` about a notice to `url`. Answers, does not throw. */
export type Post = (url: string, delivery: Delivery, payload: object, signal: AbortSignal) => Promise<ChannelAnswer>;

const refusals: ReadonlySet<number> = new Set([400, 405, 406, 410, 411, 413, 414, 415, 422, 451]);
const longestAnswer = 16_384;

export function createPost({ secret, clock }: PostOptions): Post {
  const key = secret === undefined ? undefined : keyOf(secret);
  return async (url, delivery, payload, signal) => {
    const body = JSON.stringify(payload);
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: headersOf(delivery, body, key, clock.now()),
        body,
        // A redirect could carry the signed message anywhere.
        redirect: 'manual',
        signal,
      });
      return await answerTo(response);
    } catch (error) {
      return { outcome: 'FAILED', reason: failureOf(error) };
    }
  };
}

/** Signature of Standard Webhooks 1.0: HMAC-SHA-256 over `<id>.<timestamp>.<body>`, version 1. */
export function webhookSignature(key: Uint8Array, id: string, timestamp: number, body: string): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

/** The key a secret stands for. */
export function keyOf(secret: string): Uint8Array {
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret);
}

function headersOf(delivery: Delivery, body: string, key: Uint8Array | undefined, now: number): Record<string, string> {
  const timestamp = Math.floor(now / 1_000);
  return {
    'content-type': 'application/json',
    'user-agent': 'tokenline-notifier',
    'idempotency-key': delivery.idempotencyKey,
    'webhook-id': delivery.noticeId,
    'webhook-timestamp': String(timestamp),
    ...(key !== undefined && { 'webhook-signature': webhookSignature(key, delivery.noticeId, timestamp, body) }),
  };
}

async function answerTo(response: Response): Promise<ChannelAnswer> {
  const { status } = response;
  if (response.ok) return takenBy(response);
  await response.body?.cancel().catch(() => undefined);
  const reason = `http-${status}`;
  if (refusals.has(status) || (status >= 300 && status < 400)) return { outcome: 'REJECTED', reason };
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return { outcome: 'FAILED', reason, ...(seconds > 0 && { retryAfterMs: seconds * 1_000 }) };
}

/** What a taken message's answer says; a body that is missing, long, broken or of another shape says nothing and harms nothing. */
async function takenBy(response: Response): Promise<ChannelAnswer> {
  const text = await readShort(response).catch(() => undefined);
  const { id, delivered } = saidIn(text) ?? {};
  return { outcome: delivered === true ? 'DELIVERED' : 'ACCEPTED', providerReference: safeReference(id) };
}

/** A body of up to 16 KiB; undefined when it is longer. Throws when it breaks off. */
export async function readShort(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > longestAnswer) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function saidIn(text = ''): { id?: unknown; delivered?: unknown } | undefined {
  try {
    const said: unknown = JSON.parse(text);
    return typeof said === 'object' && said !== null ? said : undefined;
  } catch {
    return undefined;
  }
}

/** `econnrefused`, `timeout`, …: the kind of failure, without the address that its message names. */
function failureOf(error: unknown): string {
  const { name, cause } = error as Error & { readonly cause?: { readonly code?: unknown } };
  if (name === 'TimeoutError' || name === 'AbortError') return 'timeout';
  const code = cause?.code;
  return typeof code === 'string' && /^[A-Z_]{3,40}$/.test(code) ? code.toLowerCase() : 'connection-failed';
}
