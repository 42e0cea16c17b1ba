/**
 * The door for receipts: POST /v1/receipts/{channel}, signed with that channel's secret.
 *
 *   no such channel 404 ─▶ no secret, and not from this machine in local mode 404 ─▶ signature missing 401, wrong or stale 403 ─▶ not readable 422
 *   ─▶ no such notice 404, being sent at this moment 503, else 204
 *
 * The answer to something new, repeated, late or out of order is the same: it is not for the caller to know.
 */
import { type Config, isLoopback, type Logger, refuse } from '@tokenline/runtime';
import type { FastifyInstance } from 'fastify';
import type { ChannelName } from '../channels/port.js';
import type { Clock } from '../clock.js';
import type { Hear } from './hear.js';
import { readSaid } from './said.js';
import { type SignatureFault, signatureFault } from './signature.js';

export const receiptLimit = 16 * 1024;
const retryAfterSeconds = 2;

export interface ReceiptDoorParts {
  readonly config: Pick<Config, 'mode' | 'notifier'>;
  readonly hear: Hear;
  readonly clock: Clock;
  readonly log: Logger;
}

const remedies: Readonly<Record<SignatureFault, string>> = {
  missing: "Sign it as Standard Webhooks says, with the channel's secret.",
  wrong: "Compare the channel's secret, and sign the bytes as they are sent.",
  stale: 'Sign it afresh; compare clocks when it was fresh.',
};

/** Adds the route. */
export function receiptDoor(app: FastifyInstance, { config, hear, clock, log }: ReceiptDoorParts): void {
  const secrets = secretsOf(config.notifier);
  app.post('/v1/receipts/:channel', async (request, reply) => {
    const { channel } = request.params as { readonly channel: string };
    if (!isReporting(channel)) return refuse(reply, 'NOT_FOUND');
    const secret = secrets[channel];
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    if (secret === undefined) {
      const here = config.mode === 'local' && isLoopback(request.socket.remoteAddress ?? '');
      if (!here) return refuse(reply, 'NOT_CONFIGURED', { detail: 'Set the secret of this channel.' });
    } else {
      const fault = signatureFault({ headers: request.headers, body }, secret, clock.now());
      if (fault !== undefined) {
        log.warn({ channel, fault }, 'A receipt was not let in');
        return refuse(reply, fault === 'missing' ? 'CREDENTIALS_MISSING' : 'CREDENTIALS_REFUSED', {
          detail: remedies[fault],
        });
      }
    }
    const reading = readSaid(body.toString());
    if (!reading.ok) return refuse(reply, 'FIELD_INVALID', { errors: reading.errors });
    const { reference, ...said } = reading.said;
    switch (await hear({ noticeId: reference, channel, ...said })) {
      case 'taken':
      case 'nothing-new':
        return reply.code(204).send();
      case 'unknown':
        return refuse(reply, 'NOT_FOUND', { detail: 'This channel was handed no notice of this reference.' });
      case 'busy':
        return refuse(reply.header('retry-after', String(retryAfterSeconds)), 'STORE_UNAVAILABLE', {
          detail: 'The notice is being sent at this moment; say it again.',
        });
    }
  });
}

const reporting = ['push', 'sms', 'webhook', 'programme-webhook'] as const satisfies readonly ChannelName[];
type Reporting = (typeof reporting)[number];

function isReporting(channel: string): channel is Reporting {
  return (reporting as readonly string[]).includes(channel);
}

function secretsOf({
  pushSecret,
  smsSecret,
  webhookSecret,
}: Config['notifier']): Readonly<Record<Reporting, string | undefined>> {
  return { push: pushSecret, sms: smsSecret, webhook: webhookSecret, 'programme-webhook': webhookSecret };
}
