/** The channels a configuration asks for. */
import { join } from 'node:path';
import type { Config } from '@tokenline/runtime';
import type { Clock } from '../clock.js';
import { createOutbox } from './outbox.js';
import type { Channel } from './port.js';
import { createPush } from './push.js';
import { createSms } from './sms.js';
import { createSmtp } from './smtp.js';
import { createWebhook } from './webhook.js';

/**
 * In order of preference. Push, SMTP, the SMS gateway and the programme's webhook exist when they are configured, a cardholder's own webhook always, the outbox in
 * local mode only. `sendsAtOnce` is how many deliveries may be under way together.
 */
export function createChannels(
  config: Pick<Config, 'mode' | 'home' | 'notifier'>,
  clock: Clock,
  sendsAtOnce: number,
): readonly Channel[] {
  const { smtpUrl, smtpFrom, smsUrl, smsSecret, smsSegments, pushUrl, pushSecret, webhookUrl, webhookSecret } =
    config.notifier;
  const local = config.mode === 'local';
  const webhook = { secret: webhookSecret, allowPlainHttp: local, clock };
  return [
    ...(pushUrl === undefined ? [] : [createPush({ url: pushUrl, secret: pushSecret, clock })]),
    ...(smtpUrl === undefined
      ? []
      : [createSmtp({ url: smtpUrl, from: smtpFrom, requireTls: !local, maxConnections: sendsAtOnce })]),
    ...(smsUrl === undefined ? [] : [createSms({ url: smsUrl, secret: smsSecret, segments: smsSegments, clock })]),
    createWebhook(webhook),
    ...(webhookUrl === undefined ? [] : [createWebhook({ ...webhook, programmeUrl: webhookUrl })]),
    ...(local ? [createOutbox(join(config.home, 'outbox'))] : []),
  ];
}
