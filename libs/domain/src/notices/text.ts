/** The text of a notice, by kind, form and language (templates/). Names are cleaned (name.ts) and escaped for the form they stand in. */

import type { NoticeKind } from './kinds.js';
import { displayName, isolated, onOneLine } from './name.js';
import type { NoticeSubject } from './notice.js';
import { builtInTexts, type NoticeTexts, type Spoken, spokenTo } from './templates/catalogue.js';
import { filled } from './templates/fill.js';
import type { DeviceClass, FormText, LanguageWords, NoticeForm, Variable } from './templates/language.js';

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

/** How much a text says of names other people chose, where each character counts: all; short names; no name of a device; neither device nor unknown wallet. */
export const brevities = [0, 1, 2, 3] as const;
export type Brevity = (typeof brevities)[number];

export interface NoticeStyle {
  /** BCP 47, as the directory knows the cardholder's. */
  readonly locale?: string | undefined;
  readonly texts?: NoticeTexts | undefined;
  readonly brevity?: Brevity | undefined;
}

/** Stands in for a code that is not shown. */
export const hiddenCode = '••••••';

const walletNames: ReadonlyMap<string | undefined, string> = new Map([
  ['APPLE', 'Apple Pay'],
  ['GOOGLE', 'Google Pay'],
  ['SAMSUNG', 'Samsung Pay'],
]);

const deviceClassOf: ReadonlyMap<string | undefined, DeviceClass> = new Map([
  ['PHONE', 'phone'],
  ['MOBILE_PHONE', 'phone'],
  ['TABLET', 'tablet'],
  ['WATCH', 'watch'],
  ['WEARABLE_DEVICE', 'wearable'],
  ['PC', 'computer'],
  ['AUTOMOBILE_DEVICE', 'vehicle'],
]);

const shortName = 20;

/** The text of a notice. `dueAt` is when it happened, epoch milliseconds; written in UTC. */
export function noticeText(
  kind: NoticeKind,
  subject: NoticeSubject,
  dueAt: number,
  form: NoticeForm,
  code: CodeToTell = {},
  { locale, texts = builtInTexts, brevity = 0 }: NoticeStyle = {},
): NoticeText {
  const spoken = spokenTo(locale, texts);
  const own = spoken.language.texts[kind];
  const { plain } = own;
  const text: FormText = own[form] ?? plain;
  const told = { subject, dueAt, brevity, spoken };
  const html = form === 'html';
  const values = valuesOf(told, html, code);
  // An issuer's own html is markup; what is made of the plain text is not.
  const markup = own.html !== undefined;
  const literal = html && !markup ? escapeHtml : undefined;
  const paragraphs = text.body.map((paragraph) => filled(paragraph, values, literal));
  return {
    subject: filled(text.subject ?? plain.subject, valuesOf(told, false, {})),
    body: html && markup ? paragraphs.join('\n') : joined(paragraphs, form),
  };
}

function joined(paragraphs: readonly string[], form: NoticeForm): string {
  switch (form) {
    case 'html':
      return paragraphs.map((paragraph) => `<p dir="auto">${paragraph}</p>`).join('\n');
    case 'sms':
    case 'push':
      return paragraphs.join(' ').replace(/\s+/g, ' ').trim();
    case 'plain':
    case 'webhook':
      return `${paragraphs.join('\n\n')}\n`;
  }
}

interface Told {
  readonly subject: NoticeSubject;
  readonly dueAt: number;
  readonly brevity: Brevity;
  readonly spoken: Spoken;
}

function valuesOf(told: Told, html: boolean, { code, expiresAt }: CodeToTell): Readonly<Record<Variable, string>> {
  const { dueAt, brevity, spoken } = told;
  const { words } = spoken.language;
  const literal = html ? escapeHtml : (text: string) => text;
  const fill = (template: string, values: Readonly<Record<string, string>>) => filled(template, values, literal);
  const named = html ? (name: string) => `<bdi>${escapeHtml(name)}</bdi>` : isolated;
  const last4 = told.subject.cardLast4?.match(/^\d{4}$/)?.[0];
  const wallet = walletNames.get(told.subject.wallet) ?? (brevity < 3 ? displayName(told.subject.wallet) : undefined);
  return {
    card: last4 === undefined ? fill(words.card, {}) : fill(words.cardEnding, { last4 }),
    wallet: wallet === undefined ? fill(words.wallet, {}) : named(wallet),
    device: brevity === 3 ? '' : deviceOf(told, words, named, fill),
    when: literal(inWords(dueAt, spoken.dates)),
    code: literal(code === undefined ? hiddenCode : onOneLine(code)),
    goodUntil:
      expiresAt === undefined ? '' : fill(words.goodUntil, { time: literal(inWords(expiresAt, spoken.dates)) }),
  };
}

function deviceOf(
  { subject, brevity }: Told,
  words: LanguageWords,
  named: (name: string) => string,
  fill: (template: string, values: Readonly<Record<string, string>>) => string,
): string {
  const name = brevity < 2 ? displayName(subject.deviceName, brevity === 1 ? shortName : undefined) : undefined;
  if (name !== undefined) return fill(words.device, { name: named(name) });
  const kind = deviceClassOf.get(subject.deviceType);
  return kind === undefined ? '' : fill(words.devices[kind], {});
}

const formats = new Map<string, Intl.DateTimeFormat>();
/** Far more than there are countries and languages; locales come from outside. */
const mostFormats = 500;

function inWords(at: number, locale: string): string {
  let format = formats.get(locale);
  if (format === undefined) {
    if (formats.size >= mostFormats) formats.clear();
    format = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
    formats.set(locale, format);
  }
  return `${format.format(at)} UTC`;
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
