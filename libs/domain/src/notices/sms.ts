/**
 * What a text message costs, and how a notice is made to fit.
 *
 *   GSM-7   3GPP TS 23.038 (GSM 03.38) default alphabet, 7 bits a character; those of the extension table take two. 160 fit one message,
 *           153 each part of several (7 go to the header that joins them, TS 23.040 9.2.3.24)
 *   UCS-2   everything else, 16 bits a unit; a character beyond the basic plane takes two. 70 fit one message, 67 each part of several
 *
 * One character outside the alphabet turns the whole text into UCS-2. So quotes, dashes and blanks that typographers like are written plainly, and
 * accented letters the alphabet lacks lose their accent, where that makes the whole text GSM-7; where a name keeps it from that, letters stay as they are.
 * No part breaks a character of two units.
 */
import { type Brevity, brevities } from './text.js';

export type SmsEncoding = 'GSM-7' | 'UCS-2';

export interface SmsCost {
  readonly encoding: SmsEncoding;
  /** Septets, or units of 16 bits. */
  readonly length: number;
  readonly segments: number;
}

const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
const extension = new Set('\f^{}\\[~]|€');

const limits = { 'GSM-7': { one: 160, each: 153 }, 'UCS-2': { one: 70, each: 67 } } as const;

/** How a text goes over the air. The empty text takes one segment. */
export function smsCost(text: string): SmsCost {
  const characters = [...text];
  const encoding: SmsEncoding = characters.every(inGsm) ? 'GSM-7' : 'UCS-2';
  const sizes = characters.map((c) => (encoding === 'UCS-2' ? c.length : extension.has(c) ? 2 : 1));
  const length = sizes.reduce((sum, size) => sum + size, 0);
  const { one, each } = limits[encoding];
  return { encoding, length, segments: length <= one ? 1 : parts(sizes, each) };
}

export interface SmsText extends SmsCost {
  readonly text: string;
}

/**
 * The text to send: the fullest of at most `limit` segments, as `render` gives them for growing brevity. Where even the briefest has more, that one:
 * a text is never cut.
 */
export function smsText(render: (brevity: Brevity) => string, limit: number): SmsText {
  let made: SmsText | undefined;
  for (const brevity of brevities) {
    const text = plainly(render(brevity));
    made = { text, ...smsCost(text) };
    if (made.segments <= limit) break;
  }
  return made as SmsText;
}

/** The text in GSM-7 where it can be written so; else with straight quotes. */
export function plainly(text: string): string {
  const straight = text
    .replace(/«\s?|\s?»|[“”„]/g, '"')
    .replace(/\s+/g, ' ')
    .trim();
  const plain = [...straight].map((c) => (inGsm(c) ? c : (marks.get(c) ?? withoutAccent(c)))).join('');
  return [...plain].every(inGsm) ? plain : straight;
}

const marks: ReadonlyMap<string, string> = new Map([
  ['‘', "'"],
  ['’', "'"],
  ['‚', "'"],
  ['‹', "'"],
  ['›', "'"],
  ['–', '-'],
  ['—', '-'],
  ['‑', '-'],
  ['…', '...'],
  ['•', '*'],
  ['œ', 'oe'],
  ['Œ', 'OE'],
]);

function withoutAccent(c: string): string {
  const [letter = ''] = c.normalize('NFD');
  return basic.has(letter) ? letter : c;
}

function inGsm(c: string): boolean {
  return basic.has(c) || extension.has(c);
}

function parts(sizes: readonly number[], each: number): number {
  let count = 1;
  let used = 0;
  for (const size of sizes) {
    if (used + size > each) {
      count += 1;
      used = 0;
    }
    used += size;
  }
  return count;
}
