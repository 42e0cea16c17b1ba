/**
 * SMS through an HTTP gateway: a signed POST (post.ts) of
 *
 *   {"to": "+447700900123", "text": "…", "reference": "<noticeId>", "encoding": "GSM-7" | "UCS-2", "segments": 1}
 *
 * No provider's own interface is built in: the few lines that turn this into a provider's call stand in front of it, as with most gateways.
 * What takes it answers 2xx, may answer {"id": "…", "delivered": true}, and looks at Idempotency-Key: a repeat is one message.
 */
import { smsText } from '@tokenline/domain';
import type { Channel } from './port.js';
import { createPost, type PostOptions } from './post.js';

export interface SmsOptions extends PostOptions {
  /** The gateway's endpoint. */
  readonly url: string;
  /** Most segments before the name of a device is left out. */
  readonly segments: number;
}

export function createSms({ url, segments: limit, ...options }: SmsOptions): Channel {
  const post = createPost(options);
  return {
    name: 'sms',
    reaches: 'cardholder',
    uses: ['phone'],
    send: async (delivery, signal) => {
      const to = delivery.contact.phone;
      if (to === undefined || !e164.test(to)) return { outcome: 'REJECTED', reason: 'invalid-address' };
      const { text, encoding, segments } = smsText((brevity) => delivery.text('sms', brevity).body, limit);
      return post(url, delivery, { to, text, reference: delivery.noticeId, encoding, segments }, signal);
    },
    close: async () => undefined,
  };
}

/** ITU-T E.164: a plus, and up to 15 digits. */
const e164 = /^\+[1-9]\d{6,14}$/;
