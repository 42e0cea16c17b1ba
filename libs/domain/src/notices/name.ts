/**
 * Names other people chose, made fit to stand in our text.
 *
 * A device's name is written by whoever holds the device, and a thief's device gets its name into a message from the cardholder's bank. So a
 * name that looks like a link, an address or a number to call is not used at all; control and direction marks are taken out, and a name in a
 * right-to-left script is isolated (Unicode UAX #9, FSI … PDI) so that it cannot reorder what stands around it.
 */

/** Controls, line and paragraph separators, direction marks, embeddings, overrides and isolates, byte order mark, tags. */
const unwanted = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\u{E0000}-\u{E007F}]/gu;
const loneSurrogate = /\p{Surrogate}/gu;
const linkLike = /:\/\/|www\.|@|[\p{L}\p{N}]\.\p{L}{2,}/iu;
const numberLike = /(?:\p{Nd}[\s().\-/]*){7,}/u;
const rightToLeft =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}\p{Script=Mandaic}\p{Script=Samaritan}]/u;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The name on one line, at most `longest` characters as people count them; undefined when nothing usable is left. */
export function displayName(raw: string | undefined, longest = 40): string | undefined {
  if (raw === undefined) return undefined;
  const name = onOneLine(raw);
  if (name === '' || linkLike.test(name) || numberLike.test(name)) return undefined;
  // Telling characters apart takes its time, and there are no more of them than code units.
  if (name.length <= longest) return name;
  const characters = [...graphemes.segment(name)];
  if (characters.length <= longest) return name;
  return `${characters
    .slice(0, longest - 1)
    .map((c) => c.segment)
    .join('')
    .trimEnd()}…`;
}

/** Text without controls, direction marks and line breaks. */
export function onOneLine(raw: string): string {
  // Far beyond anything honest; what follows need not look at more.
  return raw
    .slice(0, 1_000)
    .replace(loneSurrogate, '')
    .normalize('NFC')
    .replace(unwanted, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** A name as it stands in plain text. */
export function isolated(name: string): string {
  return rightToLeft.test(name) ? `\u2068${name}\u2069` : name;
}
