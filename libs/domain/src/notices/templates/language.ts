/**
 * The texts of notices as data: for each language the words that variables become, and for each kind of notice a text for each form.
 *
 *   {{card}}       card ending 1234               card, where the last four are not known
 *   {{wallet}}     Apple Pay                      a mobile wallet
 *   {{device}}     on “Ana’s phone”, on a watch   nothing
 *   {{when}}       15 January 2030 at 10:00 UTC   (when it happened)
 *   {{code}}       the activation code            (ACTIVATION_CODE only)
 *   {{goodUntil}}  It is good until ….            nothing (ACTIVATION_CODE only)
 *
 * A variable that is empty takes the space before it along. Texts are plain text, but for an issuer's own `html`, which is markup.
 */
import type { NoticeKind } from '../kinds.js';

export const variables = ['card', 'wallet', 'device', 'when', 'code', 'goodUntil'] as const;
export type Variable = (typeof variables)[number];

export const noticeForms = ['plain', 'html', 'sms', 'push', 'webhook'] as const;
/** plain: the text part of a mail, and the outbox. sms: one paragraph, no subject. push: the subject is the title. webhook: for programmes that send by themselves. */
export type NoticeForm = (typeof noticeForms)[number];

export const deviceClasses = ['phone', 'tablet', 'watch', 'wearable', 'computer', 'vehicle'] as const;
export type DeviceClass = (typeof deviceClasses)[number];

export interface FormText {
  /** One line; shows on locked screens, so no code. */
  readonly subject?: string;
  /** Paragraphs. */
  readonly body: readonly string[];
}

/** `plain` is what forms without a text of their own are made of. */
export type KindTexts = Readonly<Partial<Record<NoticeForm, FormText>>> & {
  readonly plain: FormText & { readonly subject: string };
};

export interface LanguageWords {
  readonly card: string;
  /** With {{last4}}. */
  readonly cardEnding: string;
  /** A wallet without a name. */
  readonly wallet: string;
  /** With {{name}}. */
  readonly device: string;
  /** A device without a name, by what it is. */
  readonly devices: Readonly<Record<DeviceClass, string>>;
  /** A sentence with {{time}}. */
  readonly goodUntil: string;
}

export interface Language {
  /** BCP 47 tag whose form dates have where the cardholder's own names no country. */
  readonly dates: string;
  readonly words: LanguageWords;
  readonly texts: Readonly<Record<NoticeKind, KindTexts>>;
}
