/** What a cardholder would read: a notice's text by kind, language and form, made here and now; nothing of the system runs or is asked. */
import { readFileSync } from 'node:fs';
import {
  builtInTexts,
  type NoticeForm,
  type NoticeKind,
  type NoticeTexts,
  noticeForms,
  noticeText,
  parseNoticeTexts,
  type SmsCost,
  smsText,
  spokenTo,
  TemplateError,
} from '@tokenline/domain';
import { CliError } from '../errors.js';
import { type Io, printJson } from '../io.js';

export interface PreviewArguments {
  readonly kind: NoticeKind;
  /** Every form when left out. */
  readonly form?: NoticeForm;
  readonly locale?: string;
  readonly wallet: string;
  readonly device: string;
  readonly last4: string;
  /** The issuer's own texts; TOKENLINE_TEMPLATES when left out. */
  readonly templates?: string;
  readonly json: boolean;
}

/** Of no cardholder. */
const sampleCode = '004321';
const codeGoodFor = 15 * 60_000;
/** What the notifier takes when nothing is configured. */
const segments = 3;

export interface Preview {
  readonly form: NoticeForm;
  /** Absent for SMS, which has none. */
  readonly subject?: string;
  readonly body: string;
  /** SMS only. */
  readonly sms?: SmsCost;
}

/** Prints the text. Throws CliError when the issuer's texts cannot be used. `now` is epoch milliseconds. */
export function previewNotice(io: Io, given: PreviewArguments, now: number): void {
  const texts = textsOf(given.templates ?? io.env.TOKENLINE_TEMPLATES);
  const language = spokenTo(given.locale, texts).tag;
  const languages = [...texts.languages.keys()];
  const previews = (given.form === undefined ? noticeForms : [given.form]).map((form) =>
    previewOf(form, given, texts, now),
  );
  if (given.json) {
    printJson(io, { kind: given.kind, language, languages, previews });
    return;
  }
  io.out(
    previews
      .map(({ form, subject, body, sms }) => {
        const cost = sms && costInWords(sms);
        return [
          `── ${[given.kind, language, form, cost].filter(Boolean).join(' · ')}`,
          ...(subject === undefined ? [] : [`Subject: ${subject}`, '']),
          body.trim(),
        ].join('\n');
      })
      .join('\n\n'),
  );
  io.note(`\nLanguages: ${languages.join(', ')}; others are told in ${texts.fallback}.`);
}

function costInWords({ encoding, length, segments: count }: SmsCost): string {
  const units = encoding === 'GSM-7' ? 'septets' : 'units';
  return `${encoding}, ${length} ${units} in ${count} ${count === 1 ? 'segment' : 'segments'}`;
}

function previewOf(form: NoticeForm, given: PreviewArguments, texts: NoticeTexts, now: number): Preview {
  const { kind, locale, wallet, device, last4 } = given;
  const subject = { wallet, deviceName: device, deviceType: 'PHONE', cardLast4: last4 };
  const code = kind === 'ACTIVATION_CODE' ? { code: sampleCode, expiresAt: now + codeGoodFor } : {};
  if (form !== 'sms') return { form, ...noticeText(kind, subject, now, form, code, { locale, texts }) };
  const { text, ...sms } = smsText(
    (brevity) => noticeText(kind, subject, now, form, code, { locale, texts, brevity }).body,
    segments,
  );
  return { form, body: text, sms };
}

function textsOf(file: string | undefined): NoticeTexts {
  if (file === undefined || file === '') return builtInTexts;
  try {
    return parseNoticeTexts(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof TemplateError) throw new CliError(error.message);
    throw new CliError(`The templates cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'}).`);
  }
}
