import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NoticeKind, noticeKinds } from '../kinds.js';
import type { NoticeSubject } from '../notice.js';
import { hiddenCode, type NoticeStyle, noticeText } from '../text.js';
import { builtInTexts, spokenTo } from './catalogue.js';
import { type NoticeForm, noticeForms } from './language.js';
import { faultsOf } from './parse.js';

const dueAt = Date.UTC(2030, 0, 15, 10, 0, 9);
const subject: NoticeSubject = {
  wallet: 'APPLE',
  deviceName: 'Test iPhone',
  deviceType: 'PHONE',
  cardRef: 'ref-1',
  cardLast4: '1234',
};
const code = { code: '004321', expiresAt: dueAt + 900_000 };
const languages = [...builtInTexts.languages.keys()];

const textOf = (
  kind: NoticeKind,
  form: NoticeForm,
  locale: string,
  fields: Partial<NoticeSubject> = {},
  style: NoticeStyle = {},
) =>
  noticeText(kind, { ...subject, ...fields }, dueAt, form, kind === 'ACTIVATION_CODE' ? code : {}, {
    locale,
    ...style,
  });

const every = languages.flatMap((locale) =>
  noticeKinds.flatMap((kind) => noticeForms.map((form) => [locale, kind, form] as const)),
);

describe('the built-in texts', () => {
  it('have English, German, French and Spanish', () => {
    expect(languages).toEqual(['en', 'de', 'fr', 'es']);
  });

  it.each(every)('%s %s %s: keep the rules an issuer’s own have to keep', (locale, kind, form) => {
    const text = builtInTexts.languages.get(locale)?.texts[kind][form];
    if (text !== undefined) expect(faultsOf(kind, form, text)).toEqual([]);
  });

  it.each(every)('%s %s %s: read well with all that is known, and with nothing', (locale, kind, form) => {
    for (const { subject: line, body } of [
      textOf(kind, form, locale),
      noticeText(kind, {}, dueAt, form, {}, { locale }),
    ]) {
      for (const text of [line, body.trim()]) {
        expect(text).not.toMatch(/\{\{|\}\}|undefined| {2}| [.,]/);
        expect(text).toMatch(/\S/);
      }
    }
  });

  it.each(languages.flatMap((locale) => noticeForms.map((form) => [locale, form] as const)))(
    '%s %s: a completion names wallet, device and last four; a code its code, in the body alone',
    (locale, form) => {
      const completion = textOf('PROVISIONING_COMPLETED', form, locale);
      for (const word of ['Apple Pay', 'Test iPhone', '1234'])
        expect(`${completion.subject} ${completion.body}`).toContain(word);
      const told = textOf('ACTIVATION_CODE', form, locale);
      expect(told.body).toContain('004321');
      expect(told.subject).not.toContain('004321');
      expect(noticeText('ACTIVATION_CODE', subject, dueAt, form, {}, { locale }).body).toContain(hiddenCode);
    },
  );

  it.each([
    ['en', 'on 15 January 2030 at 10:00 UTC'],
    ['en-US', 'on January 15, 2030 at 10:00'],
    ['de', 'am 15. Januar 2030 um 10:00 UTC'],
    ['de-AT', 'am 15. Jänner 2030 um 10:00 UTC'],
    ['fr-CA', 'le 15 janvier 2030 à 10'],
    ['es-MX', 'el 15 de enero de 2030'],
    ['ja-JP', 'on 15 January 2030 at 10:00 UTC'],
    ['not a tag', 'on 15 January 2030 at 10:00 UTC'],
  ])('%s: dates as there, with their zone', (locale, words) => {
    const { body } = textOf('PROVISIONING_COMPLETED', 'plain', locale);
    expect(body).toContain(words);
    expect(body).toContain('UTC');
  });
});

describe('the language of a cardholder', () => {
  it.each([
    ['fr-CA', 'fr'],
    ['fr', 'fr'],
    ['de-CH-1996', 'de'],
    ['es-419', 'es'],
    ['ja', 'en'],
    ['frr', 'en'],
    ['', 'en'],
    [undefined, 'en'],
  ])('of %s is %s', (locale, tag) => {
    expect(spokenTo(locale, builtInTexts).tag).toBe(tag);
  });
});

const hostile = [
  `Bob's "phone"`,
  '<img src=x onerror=y>',
  '</p><script>x</script>',
  'Ann & Joe &lt;',
  '{{code}} {{card}}',
  'הטלפון של דנה',
  'Ana\u202E2 gpj',
  'Ana\r\nBcc: eve',
  'a\u2028b\u0000c',
  '👩‍👩‍👧‍👦'.repeat(60),
  'x'.repeat(5_000),
  '$& $1 `x`',
];

describe('hostile names', () => {
  it.each(every)('%s %s %s: nothing escapes its place', (locale, kind, form) => {
    const expected = textOf(kind, form, locale, { deviceName: 'x', wallet: 'y' });
    const lines = (text: string) => text.split(/\r\n|[\n\r\u2028\u2029]/).length;
    for (const name of hostile) {
      const { subject: line, body } = textOf(kind, form, locale, { deviceName: name, wallet: name });
      expect(line).not.toMatch(/[\p{Cc}\u202A-\u202E\u2028\u2029]/u);
      expect(body).not.toMatch(/[\u202A-\u202E]/u);
      expect(lines(body)).toBe(lines(expected.body));
      if (kind !== 'ACTIVATION_CODE') expect(body).not.toContain('004321');
      expect(body.split('004321').length).toBe(expected.body.split('004321').length);
      expect([...line].length).toBeLessThan(600);
      if (form === 'html') {
        expect(body).not.toMatch(/<(?!\/?(p|bdi)\b)/);
        expect(body.match(/<\/?p\b/g)).toEqual(expected.body.match(/<\/?p\b/g));
      }
    }
  });

  it('whatever the names are, in every kind, form and language', { timeout: 60_000 }, () => {
    const name = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.constantFrom(...hostile));
    const whole = fc.tuple(fc.constantFrom(...every), name, name, fc.constantFrom(0, 1, 2, 3) as fc.Arbitrary<0>);
    fc.assert(
      fc.property(whole, ([[locale, kind, form], deviceName, wallet, brevity]) => {
        const { subject: line, body } = textOf(kind, form, locale, { deviceName, wallet }, { brevity });
        expect(line).not.toMatch(/[\p{Cc}\u202A-\u202E\u2028\u2029]/u);
        if (form === 'html') expect(body).not.toMatch(/<(?!\/?(p|bdi)\b)/);
        if (form === 'sms' || form === 'push') expect(body).not.toMatch(/[\n\r]/);
        if (kind !== 'ACTIVATION_CODE') expect(body).not.toContain(hiddenCode);
      }),
      { numRuns: 400 },
    );
  });
});
