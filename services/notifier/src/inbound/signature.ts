/**
 * Whether a call-back is signed as Standard Webhooks 1.0 says: `webhook-signature` holds, perhaps among others, `v1,` and the HMAC-SHA-256 over
 * `<webhook-id>.<webhook-timestamp>.<body>` under the channel's secret. A signature is good for five minutes either way; a replay within them says
 * what was said before.
 */
import { timingSafeEqual } from 'node:crypto';
import { keyOf, webhookSignature } from '../channels/post.js';

export const goodForMs = 5 * 60_000;

export type SignatureFault = 'missing' | 'wrong' | 'stale';

export interface SignedRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

/** Undefined when the request is signed under `secret`. `now` is epoch milliseconds. */
export function signatureFault(
  { headers, body }: SignedRequest,
  secret: string,
  now: number,
): SignatureFault | undefined {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(
    (name) => headers[name],
  );
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') return 'missing';
  if (!/^\d{1,12}$/.test(timestamp)) return 'wrong';
  const expected = Buffer.from(webhookSignature(keyOf(secret), id, Number(timestamp), Buffer.from(body).toString()));
  const signed = signatures.split(' ').some((one) => sameBytes(Buffer.from(one), expected));
  if (!signed) return 'wrong';
  return Math.abs(now - Number(timestamp) * 1_000) > goodForMs ? 'stale' : undefined;
}

function sameBytes(given: Buffer, expected: Buffer): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected);
}
