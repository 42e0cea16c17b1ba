/**
 * The last line of defence for logs: masks what looks like a card number, an e-mail address, a phone number or a sealed value
 * before a line leaves the process. Nothing upstream should log these; when something does, it does not get out.
 */

const digitRuns = /(?<![\dA-Za-z])\d(?:[ -]?\d){11,18}(?![\dA-Za-z])/g;
// Looked for from where a run of its characters begins, and nowhere within: otherwise a long text without any @ takes time with the square of its length.
const emails = /(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+/g;
const phones = /\+\d[\d ()-]{6,17}\d/g;

/** True when `digits` passes the Luhn check that card numbers carry (ISO/IEC 7812-1). */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return digits.length > 0 && sum % 10 === 0;
}

/** Whether digits and the gaps between them are a card number. */
function isCard(run: string): boolean {
  return passesLuhn(run.replace(/[ -]/g, ''));
}

/** The text with everything that looks sensitive masked. */
export function scrub(text: string): string {
  return text
    .replace(digitRuns, (run) => (isCard(run) ? '[card-number]' : run))
    .replace(emails, '[e-mail]')
    .replace(phones, '[phone]');
}

/** Without these there is no address or phone number, and no card number: most texts are told by that alone. */
const [contactHint, cardHint] = [/[@+]/, /\d(?:[ -]?\d){11}/];

/** True when the text holds something `scrub` would mask. */
export function looksSensitive(text: string): boolean {
  if (contactHint.test(text) && (text.search(emails) >= 0 || text.search(phones) >= 0)) return true;
  return cardHint.test(text) && (text.match(digitRuns)?.some(isCard) ?? false);
}
