/** The text of a notice, by kind and form. Names are cleaned (name.ts) and escaped for the form they stand in. */
import { displayName, isolated, onOneLine } from './name.js';
import type { NoticeKind, NoticeSubject } from './notice.js';

export type NoticeForm = 'plain' | 'html';

export interface NoticeText {
  /** One line of plain text, whatever the form of the body. */
  readonly subject: string;
  readonly body: string;
}

/** What only the text of an ACTIVATION_CODE notice says. */
export interface CodeToTell {
  /** In clear, for one send; left out where it must not be seen, and then hidden. */
  readonly code?: string | undefined;
  /** Epoch milliseconds. */
  readonly expiresAt?: number | undefined;
}

/** Stands in for a code that is not shown. */
export const hiddenCode = '••••••';

/** The text's variables, escaped for their form. */
interface Words {
  readonly card: string;
  readonly wallet: string;
  /** With its preposition and a space before it; empty when nothing is known. */
  readonly onDevice: string;
  readonly when: string;
  readonly code: string;
  /** A sentence with a space before it; empty when it is not known. */
  readonly goodUntil: string;
}

interface Template {
  readonly subject: (words: Words) => string;
  readonly body: (words: Words) => readonly string[];
}

const templates: ReadonlyMap<NoticeKind, Template> = new Map([
  [
    'PROVISIONING_COMPLETED',
    {
      subject: ({ card, wallet }) => `Your ${card} is ready in ${wallet}`,
      body: ({ card, wallet, onDevice, when }) => [
        `Your ${card} was added to ${wallet}${onDevice} on ${when} and is ready to pay.`,
        'If this was not you, call the number on the back of your card at once.',
      ],
    },
  ],
  [
    'ACTIVATION_CODE',
    {
      // No code here: subject lines show on locked screens.
      subject: ({ card, wallet }) => `Your code for adding your ${card} to ${wallet}`,
      body: ({ card, wallet, onDevice, code, goodUntil }) => [
        `${code} is your code for adding your ${card} to ${wallet}${onDevice}.${goodUntil}`,
        'Never tell it to anybody: we shall not ask you for it. If you are not adding a card, call the number on the back of your card at once.',
      ],
    },
  ],
  ...(
    [
      ['TOKEN_SUSPENDED', 'is suspended in', 'It does not pay there until it is resumed.'],
      ['TOKEN_RESUMED', 'is ready again in', 'It pays there as before.'],
      ['TOKEN_DELETED', 'was removed from', 'It pays there no more. Your card itself is not affected.'],
      [
        'PROVISIONING_UNFINISHED',
        'is not ready yet in',
        'Adding it was begun and not finished. Open the wallet to go on.',
      ],
      ['TOKEN_UNUSED', 'is ready in', 'You have not paid with it there yet.'],
    ] as const
  ).map(([kind, what, more]): [NoticeKind, Template] => [
    kind,
    {
      subject: ({ card, wallet }) => `Your ${card} ${what} ${wallet}`,
      body: ({ card, wallet, onDevice }) => [`Your ${card} ${what} ${wallet}${onDevice}. ${more}`],
    },
  ]),
]);

const walletNames: ReadonlyMap<string | undefined, string> = new Map([
  ['APPLE', 'Apple Pay'],
  ['GOOGLE', 'Google Pay'],
  ['SAMSUNG', 'Samsung Pay'],
]);

const deviceTypes: ReadonlyMap<string | undefined, string> = new Map([
  ['PHONE', 'a phone'],
  ['MOBILE_PHONE', 'a phone'],
  ['TABLET', 'a tablet'],
  ['WATCH', 'a watch'],
  ['WEARABLE_DEVICE', 'a wearable'],
  ['PC', 'a computer'],
  ['AUTOMOBILE_DEVICE', 'a vehicle'],
]);

/**
 * The text of a notice in English. `dueAt` is when it happened, epoch milliseconds; written in UTC.
 * Throws for a kind that has no template: sending one is a bug.
 */
export function noticeText(
  kind: NoticeKind,
  subject: NoticeSubject,
  dueAt: number,
  form: NoticeForm,
  code: CodeToTell = {},
): NoticeText {
  const template = templates.get(kind);
  if (template === undefined) throw new Error(`No text for notices of kind ${kind}.`);
  const paragraphs = template.body(wordsOf(subject, dueAt, form, code));
  return {
    subject: template.subject(wordsOf(subject, dueAt, 'plain', {})),
    body: form === 'html' ? paragraphs.map((p) => `<p dir="auto">${p}</p>`).join('\n') : `${paragraphs.join('\n\n')}\n`,
  };
}

function wordsOf(subject: NoticeSubject, dueAt: number, form: NoticeForm, { code, expiresAt }: CodeToTell): Words {
  const named = form === 'html' ? (name: string) => `<bdi>${escapeHtml(name)}</bdi>` : isolated;
  const wallet = walletNames.get(subject.wallet) ?? displayName(subject.wallet);
  const device = displayName(subject.deviceName);
  const deviceType = deviceTypes.get(subject.deviceType);
  const last4 = subject.cardLast4?.match(/^\d{4}$/)?.[0];
  return {
    card: last4 === undefined ? 'card' : `card ending ${last4}`,
    wallet: wallet === undefined ? 'a mobile wallet' : named(wallet),
    onDevice: device !== undefined ? ` on “${named(device)}”` : deviceType !== undefined ? ` on ${deviceType}` : '',
    when: inWords(dueAt),
    code: code === undefined ? hiddenCode : form === 'html' ? escapeHtml(onOneLine(code)) : onOneLine(code),
    goodUntil: expiresAt === undefined ? '' : ` It is good until ${inWords(expiresAt)}.`,
  };
}

const dateInWords = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });

function inWords(at: number): string {
  return `${dateInWords.format(at)} UTC`;
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
