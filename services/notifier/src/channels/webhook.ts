/**
 * HTTP webhook: a signed POST of JSON (post.ts) to the cardholder's own endpoint or to the programme's, for programmes that send by themselves.
 *
 * The body holds no contact detail; that of an ACTIVATION_CODE notice holds the code, and so goes nowhere in clear.
 */
import type { Clock } from '../clock.js';
import type { Channel, Delivery } from './port.js';
import { createPost } from './post.js';

export interface WebhookOptions {
  /** The programme's endpoint; left out, the cardholder's own is used. */
  readonly programmeUrl?: string | undefined;
  /** Signs every request (post.ts). */
  readonly secret?: string | undefined;
  /** Lets a cardholder's endpoint, and a code, go by http://. */
  readonly allowPlainHttp: boolean;
  readonly clock: Clock;
}

export function createWebhook({ programmeUrl, secret, allowPlainHttp, clock }: WebhookOptions): Channel {
  const post = createPost({ secret, clock });
  const own = programmeUrl === undefined;
  return {
    name: own ? 'webhook' : 'programme-webhook',
    reaches: own ? 'cardholder' : 'programme',
    uses: own ? ['webhook'] : [],
    send: async (delivery, signal) => {
      const url = programmeUrl ?? usable(delivery.contact.webhook, allowPlainHttp);
      if (url === undefined) return { outcome: 'REJECTED', reason: 'invalid-address' };
      const inClear = !allowPlainHttp && !url.startsWith('https:');
      if (inClear && delivery.activation !== undefined) return { outcome: 'REJECTED', reason: 'not-https' };
      return post(url, delivery, payloadOf(delivery), signal);
    },
    close: async () => undefined,
  };
}

function payloadOf(delivery: Delivery): object {
  const { network, wallet, deviceName, deviceType, cardRef, cardLast4 } = delivery.subject;
  const { activation } = delivery;
  const text = delivery.text('webhook');
  return {
    type: `notice.${delivery.kind.toLowerCase()}`,
    timestamp: new Date(delivery.dueAt).toISOString(),
    data: {
      noticeId: delivery.noticeId,
      kind: delivery.kind,
      tokenId: delivery.tokenId,
      dueAt: new Date(delivery.dueAt).toISOString(),
      ...(delivery.deadlineAt !== undefined && { deadlineAt: new Date(delivery.deadlineAt).toISOString() }),
      network,
      wallet,
      device: deviceName === undefined && deviceType === undefined ? undefined : { name: deviceName, type: deviceType },
      card: cardRef === undefined ? undefined : { ref: cardRef, last4: cardLast4 },
      locale: delivery.locale,
      activation: activation && {
        method: activation.method,
        code: activation.code,
        ...(activation.expiresAt !== undefined && { expiresAt: new Date(activation.expiresAt).toISOString() }),
      },
      subject: text.subject,
      body: text.body,
    },
  };
}

function usable(address: string | undefined, allowPlainHttp: boolean): string | undefined {
  if (address === undefined || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  const scheme = url.protocol === 'https:' || (allowPlainHttp && url.protocol === 'http:');
  return scheme && url.username === '' && url.password === '' ? url.href : undefined;
}
