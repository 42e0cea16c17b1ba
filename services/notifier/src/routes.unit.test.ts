import { describe, expect, it } from 'vitest';
import type { ContactField } from './channels/port.js';
import { createChannels } from './channels/setup.js';
import { systemClock } from './clock.js';
import { routesFor } from './routes.js';

interface Setup {
  readonly mode: 'local' | 'production';
  readonly smtp?: boolean;
  readonly programme?: boolean;
  readonly sms?: boolean;
  readonly push?: boolean;
  /** A contact is known that may not be used. */
  readonly otherKnown?: boolean;
}

function routes(setup: Setup, ...known: ContactField[]): string[] {
  const channels = createChannels(
    {
      mode: setup.mode,
      home: 'unused',
      notifier: {
        smtpFrom: 'cards@bank.example',
        smsSegments: 3,
        ...(setup.smtp && { smtpUrl: 'smtp://127.0.0.1:1' }),
        ...(setup.sms && { smsUrl: 'http://127.0.0.1:1/' }),
        ...(setup.push && { pushUrl: 'http://127.0.0.1:1/' }),
        ...(setup.programme && { webhookUrl: 'http://127.0.0.1:1/' }),
      },
    },
    systemClock,
    1,
  );
  const contact = { fields: new Set(known), known: known.length > 0 || setup.otherKnown === true };
  return routesFor(contact, channels).map((channel) => channel.name);
}

describe('a policy that names channels', () => {
  const of = (wanted: readonly string[], mode: 'local' | 'production', known: readonly ContactField[]) => {
    const notifier = {
      smtpFrom: 'cards@bank.example',
      smsSegments: 3,
      smtpUrl: 'smtp://127.0.0.1:1',
      smsUrl: 'http://127.0.0.1:1/',
      webhookUrl: 'http://127.0.0.1:1/',
    };
    const contact = { fields: new Set(known), known: known.length > 0 };
    const channels = createChannels({ mode, home: 'unused', notifier }, systemClock, 1);
    return routesFor(contact, channels, wanted).map(({ name }) => name);
  };

  it('allows no others, in its order, as far as they reach the cardholder', () => {
    const known = ['email', 'phone'] as const;
    expect(of(['programme-webhook', 'sms', 'push'], 'production', known)).toEqual(['programme-webhook', 'sms']);
    expect(of(['webhook'], 'production', known)).toEqual([]);
  });

  it('leaves the local outbox to stand in for what is not set up', () => {
    expect(of(['webhook'], 'local', ['email'])).toEqual(['outbox']);
    expect(of(['sms'], 'local', ['phone'])).toEqual(['sms']);
    expect(of(['sms'], 'local', [])).toEqual(['outbox']);
  });
});

describe('the channels of a notice', () => {
  it.each<[string, Setup, ContactField[], string[]]>([
    ['local, nothing set up, nothing known', { mode: 'local' }, [], ['outbox']],
    ['local, nothing set up, e-mail known', { mode: 'local' }, ['email'], ['outbox']],
    ['local, SMTP, e-mail known', { mode: 'local', smtp: true }, ['email'], ['smtp']],
    ['local, SMTP, nothing known', { mode: 'local', smtp: true, programme: true }, [], ['outbox']],
    ['local, SMTP, phone known', { mode: 'local', smtp: true }, ['phone'], ['outbox']],
    ['local, programme, e-mail known', { mode: 'local', programme: true }, ['email'], ['programme-webhook']],
    ['local, own webhook known', { mode: 'local' }, ['webhook'], ['webhook']],
    ['elsewhere, nothing set up, nothing known', { mode: 'production' }, [], []],
    ['elsewhere, programme, nothing known', { mode: 'production', programme: true }, [], ['programme-webhook']],
    ['elsewhere, SMTP, nothing known', { mode: 'production', smtp: true }, [], []],
    [
      'elsewhere, all set up, all known',
      { mode: 'production', smtp: true, sms: true, programme: true },
      ['email', 'phone', 'webhook'],
      ['smtp', 'sms', 'webhook', 'programme-webhook'],
    ],
    [
      'elsewhere, with an app',
      { mode: 'production', push: true, smtp: true, sms: true, programme: true },
      ['email', 'phone', 'push'],
      ['push', 'smtp', 'sms', 'programme-webhook'],
    ],
    ['local, an app known, nobody who pushes to it', { mode: 'local', smtp: true }, ['push'], ['outbox']],
    [
      'local, all set up, phone known',
      { mode: 'local', smtp: true, sms: true, programme: true },
      ['phone'],
      ['sms', 'programme-webhook'],
    ],
    [
      'local, programme, known only what may not be used',
      { mode: 'local', smtp: true, sms: true, programme: true, otherKnown: true },
      [],
      ['programme-webhook'],
    ],
    ['local, known only what may not be used', { mode: 'local', sms: true, otherKnown: true }, [], ['outbox']],
  ])('%s', (_, setup, known, expected) => {
    expect(routes(setup, ...known)).toEqual(expected);
  });
});
