/** That a channel is handed the cardholder's own language, and the issuer's own texts. */
import { type NoticeTexts, parseNoticeTexts } from '@tokenline/domain';
import { createLogger, Registry } from '@tokenline/runtime';
import type { NoticeDoc } from '@tokenline/store';
import { describe, expect, it } from 'vitest';
import type { Channel } from './channels/port.js';
import type { KnownContact } from './contacts.js';
import { createDispatcher, type DispatcherParts } from './dispatcher.js';
import { createMeters } from './meters.js';

const at = new Date(Date.UTC(2030, 0, 15, 10));
const doc: NoticeDoc = {
  _id: 'token-deleted-f1',
  tokenId: 't-1',
  kind: 'TOKEN_DELETED',
  state: 'PENDING',
  dueAt: at,
  outcome: null,
  attempts: [],
  subject: { wallet: 'APPLE', deviceName: 'Test iPhone', cardLast4: '1234' },
  causeEventId: 'e-1',
  createdAt: at,
  published: true,
  lease: { owner: 'me', until: new Date(at.getTime() + 20_000) },
};

/** Subject and text message of the one notice there is, as the channel gets them. */
async function told(locale: string | undefined, texts?: NoticeTexts): Promise<readonly string[]> {
  const got: string[] = [];
  const channel: Channel = {
    name: 'programme-webhook',
    reaches: 'programme',
    uses: [],
    send: async (delivery) => {
      got.push(delivery.text('plain').subject, delivery.text('sms', 2).body);
      return { outcome: 'ACCEPTED' };
    },
    close: async () => undefined,
  };
  const contact: KnownContact = { known: true, fields: new Set(), locale, open: async () => ({}) };
  const waiting = async () => ({ pending: 0, overdue: 0, soon: 0 });
  const parts = {
    ledger: { claim: async () => ({ claimed: [doc], more: false }), record: async () => ({ ...doc, state: 'SENT' }) },
    contacts: { find: async () => contact },
    codes: { wipe: async () => undefined },
    channels: [channel],
    texts,
    receipts: { send: () => undefined, idle: async () => undefined },
    heartbeats: { isFresh: () => true, stillHolds: () => true },
    clock: { now: () => at.getTime() },
    meters: createMeters(new Registry(), waiting),
    log: createLogger('notifier-test', 'silent'),
  } as unknown as DispatcherParts;
  const dispatcher = createDispatcher(parts);
  await dispatcher.take();
  await dispatcher.idle();
  return got;
}

describe('what a channel is handed', () => {
  it('is in the language the directory names', async () => {
    const [subject, message] = await told('de-AT');
    expect(subject).toBe('Ihre Karte mit der Endung 1234 wurde aus Apple Pay entfernt');
    expect(message).toContain('wurde am 15. Jänner 2030 um 10:00 UTC aus Apple Pay entfernt.');
    expect((await told(undefined))[0]).toBe('Your card ending 1234 was removed from Apple Pay');
  });

  it('is the issuer’s own text where there is one', async () => {
    const own = { en: { texts: { TOKEN_DELETED: { plain: { subject: 'Gone: {{card}}', body: '{{wallet}}' } } } } };
    expect((await told('en', parseNoticeTexts(JSON.stringify({ languages: own }))))[0]).toBe('Gone: card ending 1234');
  });
});
