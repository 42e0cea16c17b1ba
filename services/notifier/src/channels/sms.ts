/**
 * SMS through an HTTP gateway: a signed POST (post.ts) of
 *
 *   {"to": "+447700900123", "text": "…", "reference": "<noticeId>"}
 *
 * No provider's own interface is built in: the few lines that turn this into a provider's call stand in front of it, as with most gateways.
 * What takes it answers 2xx, may answer {"id": "…", "delivered": true}, and looks at Idempotency-Key: a repeat is one message.
 */
import type { Channel, Delivery } from './port.js';
import { createPost, type PostOptions } from './post.js';

export interface SmsOptions extends PostOptions {
  /** The gateway's endpoint. */
  readonly url: string;
}

export function createSms({ url, ...options }: SmsOptions): Channel {
  const post = createPost(options);
  return {
    name: 'sms',
    reaches: 'cardholder',
    uses: ['phone'],
    send: async (delivery, signal) => {
      const to = delivery.contact.phone;
      if (to === undefined || !e164.test(to)) return { outcome: 'REJECTED', reason: 'invalid-address' };
      return post(url, delivery, { to, text: shortText(delivery), reference: delivery.noticeId }, signal);
    },
    close: async () => undefined,
  };
}

/** ITU-T E.164: a plus, and up to 15 digits. */
const e164 = /^\+[1-9]\d{6,14}$/;

/** One paragraph. Straight quotes: curved ones are in no GSM 7-bit alphabet, and would more than double the length of the message. */
function shortText(delivery: Delivery): string {
  return delivery.text('plain').body.replace(/[“”]/g, '"').replace(/\s+/g, ' ').trim();
}
