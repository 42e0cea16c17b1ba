/**
 * Push to the issuer's own app, through whoever holds the credentials for it: a signed POST (post.ts) of
 *
 *   {"device": "<push address>", "title": "…", "body": "…", "reference": "<noticeId>", "data": {"kind": "…", "tokenId": "…", "dueAt": "…", "locale": "…"}}
 *
 * The push address is whatever the issuer's app and its backend agreed on and loaded into the directory; it is opaque here. What takes it answers
 * 2xx, may answer {"id": "…", "delivered": true}, and looks at Idempotency-Key: a repeat is one message. 410 says that the app is gone there.
 *
 * No code goes this way: the methods of libs/domain/src/notices/code.ts have none that means it.
 */
import type { Channel } from './port.js';
import { createPost, type PostOptions } from './post.js';

export interface PushOptions extends PostOptions {
  readonly url: string;
}

export function createPush({ url, ...options }: PushOptions): Channel {
  const post = createPost(options);
  return {
    name: 'push',
    reaches: 'cardholder',
    uses: ['push'],
    send: async (delivery, signal) => {
      const device = delivery.contact.push;
      if (device === undefined || !/^[\x21-\x7e]{8,512}$/.test(device))
        return { outcome: 'REJECTED', reason: 'invalid-address' };
      const { subject: title, body } = delivery.text('push');
      const { noticeId, kind, tokenId, dueAt, locale } = delivery;
      const data = { kind, tokenId, dueAt: new Date(dueAt).toISOString(), locale };
      return post(url, delivery, { device, title, body, reference: noticeId, data }, signal);
    },
    close: async () => undefined,
  };
}
