import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayName, isolated } from './name.js';
import type { NoticeSubject } from './notice.js';
import { type CodeToTell, noticeText } from './text.js';

const dueAt = Date.UTC(2030, 0, 15, 10, 0, 9);
const subject: NoticeSubject = {
  wallet: 'APPLE',
  deviceName: 'Test iPhone',
  deviceType: 'PHONE',
  cardRef: 'threddPublicToken:100000001',
  cardLast4: '1234',
};
const plain = (fields: Partial<NoticeSubject> = {}) =>
  noticeText('PROVISIONING_COMPLETED', { ...subject, ...fields }, dueAt, 'plain');
const html = (fields: Partial<NoticeSubject> = {}) =>
  noticeText('PROVISIONING_COMPLETED', { ...subject, ...fields }, dueAt, 'html');

describe('the completion notice', () => {
  it('names wallet, device and last four', () => {
    expect(plain()).toEqual({
      subject: 'Your card ending 1234 is ready in Apple Pay',
      body: [
        'Your card ending 1234 was added to Apple Pay on “Test iPhone” on 15 January 2030 at 10:00 UTC and is ready to pay.',
        '',
        'If this was not you, call the number on the back of your card at once.',
        '',
      ].join('\n'),
    });
  });

  it('is the same in HTML, a paragraph for each of its lines, names set apart', () => {
    expect(html()).toEqual({
      subject: 'Your card ending 1234 is ready in Apple Pay',
      body: [
        '<p dir="auto">Your card ending 1234 was added to <bdi>Apple Pay</bdi> on “<bdi>Test iPhone</bdi>” on 15 January 2030 at 10:00 UTC and is ready to pay.</p>',
        '<p dir="auto">If this was not you, call the number on the back of your card at once.</p>',
      ].join('\n'),
    });
  });

  it.each([
    ['APPLE', 'Apple Pay'],
    ['GOOGLE', 'Google Pay'],
    ['SAMSUNG', 'Samsung Pay'],
  ])('calls the wallet %s %s', (wallet, name) => {
    expect(plain({ wallet }).subject).toBe(`Your card ending 1234 is ready in ${name}`);
  });

  it.each([
    ['PHONE', ' on a phone'],
    ['MOBILE_PHONE', ' on a phone'],
    ['TABLET', ' on a tablet'],
    ['WATCH', ' on a watch'],
    ['WEARABLE_DEVICE', ' on a wearable'],
    ['PC', ' on a computer'],
    ['AUTOMOBILE_DEVICE', ' on a vehicle'],
    ['FRIDGE', ''],
    ['', ''],
    [undefined, ''],
  ])('on a device without a name of type %s says "%s"', (deviceType, words) => {
    const { deviceName: _, deviceType: __, ...rest } = subject;
    const told = deviceType === undefined ? rest : { ...rest, deviceType };
    expect(noticeText('PROVISIONING_COMPLETED', told, dueAt, 'plain').body).toContain(
      `was added to Apple Pay${words} on 15 January 2030`,
    );
  });

  it('reads well when little is known', () => {
    expect(noticeText('PROVISIONING_COMPLETED', {}, dueAt, 'plain')).toMatchObject({
      subject: 'Your card is ready in a mobile wallet',
      body: expect.stringContaining('Your card was added to a mobile wallet on 15 January 2030'),
    });
    expect(plain({ deviceName: '   ' }).body).toContain('Apple Pay on a phone on 15 January');
  });

  it('keeps the card reference and odd last fours out', () => {
    const text = plain({ cardLast4: '1234567' });
    expect(text.subject).toBe('Your card is ready in Apple Pay');
    expect(plain({ cardLast4: 'x1234' }).subject).toBe('Your card is ready in Apple Pay');
    expect(JSON.stringify(text)).not.toContain('100000001');
  });

  it('names a wallet it does not know as it came, and no inherited property', () => {
    expect(plain({ wallet: 'Zürich Pay' }).subject).toBe('Your card ending 1234 is ready in Zürich Pay');
    expect(plain({ wallet: 'constructor' }).subject).toBe('Your card ending 1234 is ready in constructor');
  });
});

describe('the notice of an activation code', () => {
  const expiresAt = Date.UTC(2030, 0, 15, 10, 20);
  const told = (fields: Partial<NoticeSubject> = {}, code: CodeToTell = { code: '004321', expiresAt }) => ({
    plain: noticeText('ACTIVATION_CODE', { ...subject, ...fields }, dueAt, 'plain', code),
    html: noticeText('ACTIVATION_CODE', { ...subject, ...fields }, dueAt, 'html', code),
  });

  it('names code, card, wallet, device and how long it is good; the subject line has no code', () => {
    expect(told().plain).toEqual({
      subject: 'Your code for adding your card ending 1234 to Apple Pay',
      body: [
        '004321 is your code for adding your card ending 1234 to Apple Pay on “Test iPhone”. It is good until 15 January 2030 at 10:20 UTC.',
        '',
        'Never tell it to anybody: we shall not ask you for it. If you are not adding a card, call the number on the back of your card at once.',
        '',
      ].join('\n'),
    });
    expect(told().html.body.split('\n')[0]).toBe(
      '<p dir="auto">004321 is your code for adding your card ending 1234 to <bdi>Apple Pay</bdi> on “<bdi>Test iPhone</bdi>”. It is good until 15 January 2030 at 10:20 UTC.</p>',
    );
    expect(told().html.subject).toBe(told().plain.subject);
  });

  it('shows a code in plain text as it is, and escaped in HTML', () => {
    const { plain, html } = told({}, { code: 'a<b' });
    expect(plain.body).toContain('a<b is your code');
    expect(html.body).toContain('a&lt;b is your code');
  });

  it('says no more than is known', () => {
    const { plain: text } = told({ deviceName: 'call 020 7946 0958' }, { code: '004321' });
    expect(text.body).toContain('004321 is your code for adding your card ending 1234 to Apple Pay on a phone.\n');
    expect(noticeText('ACTIVATION_CODE', {}, dueAt, 'plain', { code: '1' }).subject).toBe(
      'Your code for adding your card to a mobile wallet',
    );
  });

  it('hides a code it is not given', () => {
    for (const { body } of Object.values(told({}, { expiresAt }))) expect(body).toContain('•••••• is your code');
  });

  it('whatever code and names are, keeps its lines in plain text and gains no markup in HTML', () => {
    const any = fc.oneof(fc.string({ unit: 'binary' }), fc.string());
    fc.assert(
      fc.property(any, any, (code, deviceName) => {
        const texts = told({ deviceName }, { code, expiresAt });
        expect(texts.plain.body.split(/\r\n|[\n\r\u2028\u2029]/)).toHaveLength(4);
        expect(texts.html.body).not.toMatch(/<(?!\/?(p|bdi)\b)/);
      }),
      { numRuns: 150, examples: [['<b>1</b>\n2', '<i>']] },
    );
  });
});

describe('hostile names', () => {
  it.each([
    ['quotes', `Bob's "phone"`, `Bob's "phone"`, 'Bob&#39;s &quot;phone&quot;'],
    ['markup', '<img src=x onerror=y>', '<img src=x onerror=y>', '&lt;img src=x onerror=y&gt;'],
    ['ampersands', 'Ann & Joe &lt;', 'Ann & Joe &lt;', 'Ann &amp; Joe &amp;lt;'],
    ['emoji families', 'Ana 👩‍👩‍👧‍👦 📱', 'Ana 👩‍👩‍👧‍👦 📱', 'Ana 👩‍👩‍👧‍👦 📱'],
    ['Hindi joiners', 'राम का फ़ोन', 'राम का फ़ोन', 'राम का फ़ोन'],
  ])('%s stand as written in plain text and escaped in HTML', (_, name, inPlain, inHtml) => {
    expect(plain({ deviceName: name }).body).toContain(`“${inPlain.normalize('NFC')}”`);
    expect(html({ deviceName: name }).body).toContain(`“<bdi>${inHtml.normalize('NFC')}</bdi>”`);
  });

  it('right-to-left names are isolated, so that they cannot reorder the sentence', () => {
    expect(plain({ deviceName: 'הטלפון של דנה' }).body).toContain('“\u2068הטלפון של דנה\u2069”');
    expect(plain({ deviceName: 'هاتف سارة' }).body).toContain('“\u2068هاتف سارة\u2069”');
    expect(isolated('Dana')).toBe('Dana');
  });

  it('control and direction marks and line breaks are taken out', () => {
    expect(displayName('Ana\u202E2 gpj')).toBe('Ana 2 gpj');
    expect(displayName('Ana\r\nBcc: x')).toBe('Ana Bcc: x');
    expect(displayName('Ana\u0000\u2028\uFEFFphone')).toBe('Ana phone');
    expect(displayName('\u2066\u2069\u200F')).toBeUndefined();
    expect(displayName('broken \uD83D emoji')).toBe('broken emoji');
    expect(displayName(`${' '.repeat(999)}Ana`), 'no name is that far in').toBe('A');
    expect(displayName(undefined)).toBeUndefined();
  });

  it.each([
    'Call +44 20 7946 0958 now',
    'visit https://evil.example',
    'ftp://evil',
    'www.evil',
    'www.7up',
    'Phone 1234567',
    '(020) 79-46/09.58',
    'ana@home',
    'evil.example',
    'shop24.example',
    '٠١٢٣٤٥٦٧٨٩',
  ])('what a reader could be led to follow is not repeated: %s', (name) => {
    expect(displayName(name)).toBeUndefined();
    expect(plain({ deviceName: name }).body).toContain('Apple Pay on a phone on');
  });

  it.each([
    'Phone 123456',
    'E.T phone',
    'Ana : / home',
    'iPhone 15 Pro Max',
    'Pixel 9',
    "Ana's Galaxy S24",
    'Watch 2024',
  ])('ordinary names stay: %s', (name) => {
    expect(displayName(name)).toBe(name);
  });

  it('long names end in an ellipsis at 40 characters, never inside one', () => {
    const family = '👩‍👩‍👧‍👦';
    expect(displayName(family.repeat(60))).toBe(`${family.repeat(39)}…`);
    expect(displayName('x'.repeat(40))).toBe('x'.repeat(40));
    expect(displayName('x'.repeat(41))).toBe(`${'x'.repeat(39)}…`);
    expect(displayName(`${'x'.repeat(38)} ${'y'.repeat(9)}`)).toBe(`${'x'.repeat(38)}…`);
    expect(displayName('Ana’s phone', 5)).toBe('Ana’…');
  });

  it('whatever the names are, plain text keeps its lines and HTML gains no markup', { timeout: 30_000 }, () => {
    const name = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string());
    const tags = /<[^>]*>/g;
    const expected = html({ deviceName: 'x', wallet: 'y' }).body.match(tags);
    fc.assert(
      fc.property(name, name, (deviceName, wallet) => {
        const text = plain({ deviceName, wallet });
        expect(text.body.split(/\r\n|[\n\r\u2028\u2029]/)).toHaveLength(4);
        expect(text.subject).not.toMatch(/[\p{Cc}\u202A-\u202E]/u);
        const left = html({ deviceName, wallet }).body;
        expect(left.replaceAll('<bdi>', '').replaceAll('</bdi>', '').match(tags)).toEqual(
          expected?.filter((t) => !t.includes('bdi')),
        );
        expect(left).not.toMatch(/<(?!\/?(p|bdi)\b)/);
      }),
      { numRuns: 150 },
    );
  });
});
