import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noticeKinds } from './kinds.js';
import { plainly, smsCost, smsText } from './sms.js';
import { builtInTexts } from './templates/index.js';
import { noticeText } from './text.js';

describe('the cost of a text message', () => {
  it.each<[string, string, string, number, number]>([
    ['nothing', '', 'GSM-7', 0, 1],
    ['160 letters', 'a'.repeat(160), 'GSM-7', 160, 1],
    ['161 letters', 'a'.repeat(161), 'GSM-7', 161, 2],
    ['306 letters', 'a'.repeat(306), 'GSM-7', 306, 2],
    ['307 letters', 'a'.repeat(307), 'GSM-7', 307, 3],
    ['a euro sign', '€', 'GSM-7', 2, 1],
    ['80 euro signs', '€'.repeat(80), 'GSM-7', 160, 1],
    // 76 of them fill a part but for one septet, which stays empty.
    ['153 euro signs', '€'.repeat(153), 'GSM-7', 306, 3],
    ['letters of the alphabet', 'äöüßñÑéèà¿¡£@', 'GSM-7', 13, 1],
    ['a letter outside it', 'ç', 'UCS-2', 1, 1],
    ['70 outside it', 'ж'.repeat(70), 'UCS-2', 70, 1],
    ['71 outside it', 'ж'.repeat(71), 'UCS-2', 71, 2],
    ['135 outside it', 'ж'.repeat(135), 'UCS-2', 135, 3],
    ['an emoji', '📱', 'UCS-2', 2, 1],
    // 33 of them fill a part but for one unit: none is broken in two.
    ['67 emoji', '📱'.repeat(67), 'UCS-2', 134, 3],
  ])('%s', (_, text, encoding, length, segments) => {
    expect(smsCost(text)).toEqual({ encoding, length, segments });
  });

  it('for all texts: segments hold the length, and are no more than characters of two units make them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 500 }), (text) => {
        const { encoding, length, segments } = smsCost(text);
        const [one, each] = encoding === 'GSM-7' ? [160, 153] : [70, 67];
        if (length <= one) expect(segments).toBe(1);
        else {
          expect(segments * each).toBeGreaterThanOrEqual(length);
          expect((segments - 1) * (each - 1)).toBeLessThan(length);
        }
      }),
    );
  });
});

describe('a text written plainly', () => {
  it.each([
    ['on “Ana’s phone” – now…', 'on "Ana\'s phone" - now...'],
    ['sur « Zoë » : ça va, à bientôt', 'sur "Zoe" : ca va, à bientot'],
    ['código único, ¿añadió?', 'codigo unico, ¿añadio?'],
    ['10:00\u202FAM', '10:00 AM'],
    ['“Łukasz’s phone”', '"Łukasz’s phone"'],
    ['“Ana’s 📱”', '"Ana’s 📱"'],
  ])('%s', (text, expected) => {
    expect(plainly(text)).toBe(expected);
  });
});

const dueAt = Date.UTC(2030, 0, 15, 10);
const made = (
  kind: (typeof noticeKinds)[number],
  locale: string,
  deviceName: string,
  limit: number,
  wallet = 'APPLE',
) =>
  smsText((brevity) => {
    const subject = { wallet, deviceName, deviceType: 'PHONE', cardLast4: '1234' };
    const code = kind === 'ACTIVATION_CODE' ? { code: '004321', expiresAt: dueAt } : {};
    return noticeText(kind, subject, dueAt, 'sms', code, { locale, brevity }).body;
  }, limit);

describe('a notice by SMS', () => {
  it.each([...builtInTexts.languages.keys()].flatMap((locale) => noticeKinds.map((kind) => [locale, kind] as const)))(
    '%s %s: in the alphabet, at most two segments',
    (locale, kind) => {
      expect(made(kind, locale, 'Test iPhone', 3)).toMatchObject({ encoding: 'GSM-7' });
      expect(made(kind, locale, 'Test iPhone', 3).segments).toBeLessThanOrEqual(2);
    },
  );

  it('shortens the name of the device first, then leaves it out, before anything else suffers', () => {
    const emoji = '📱'.repeat(40);
    expect(made('PROVISIONING_COMPLETED', 'en', emoji, 4).text).toContain(emoji);
    const short = made('PROVISIONING_COMPLETED', 'en', emoji, 3).text;
    expect(short).toContain(`"${'📱'.repeat(19)}…"`);
    const without = made('PROVISIONING_COMPLETED', 'en', emoji, 2);
    expect(without.text).toContain('Apple Pay on a phone on 15 January 2030');
    expect(without).toMatchObject({ encoding: 'GSM-7', segments: 1 });
  });

  it('is never cut: over the limit it is the briefest, whole', () => {
    const { text, segments } = made('ACTIVATION_CODE', 'en', '📱', 1, '銀行'.repeat(20));
    expect(segments).toBe(2);
    expect(text).toMatch(/^004321 is your code for adding your card ending 1234 to a mobile wallet\. .*at once\.$/);
  });

  it('whatever the names, keeps the limit of three and the code', () => {
    const name = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(name, name, fc.constantFrom(...builtInTexts.languages.keys()), (deviceName, wallet, locale) => {
        const { text, segments } = made('ACTIVATION_CODE', locale, deviceName, 3, wallet);
        expect(segments).toBeLessThanOrEqual(3);
        expect(text).toContain('004321');
      }),
      { numRuns: 200 },
    );
  });
});
