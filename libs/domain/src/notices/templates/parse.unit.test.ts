import { describe, expect, it } from 'vitest';
import { noticeKinds } from '../kinds.js';
import { noticeText } from '../text.js';
import { builtInTexts } from './catalogue.js';
import { parseNoticeTexts } from './parse.js';

const dueAt = Date.UTC(2030, 0, 15, 10);
const subject = { wallet: 'APPLE', deviceName: 'Test iPhone', cardLast4: '1234' };
const refusal = (value: unknown): string => {
  try {
    parseNoticeTexts(typeof value === 'string' ? value : JSON.stringify(value));
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};
const completion = (text: object) => ({ languages: { en: { texts: { PROVISIONING_COMPLETED: text } } } });
const suspended = (text: object) => ({ languages: { en: { texts: { TOKEN_SUSPENDED: text } } } });
const codeText = (text: object) => ({ languages: { en: { texts: { ACTIVATION_CODE: text } } } });

describe('an issuer’s own texts', () => {
  it('replace what they state and leave the rest', () => {
    const texts = parseNoticeTexts(
      JSON.stringify({
        fallback: 'de',
        languages: {
          'fr-CA': {
            words: { card: 'carte Exemple' },
            texts: {
              TOKEN_DELETED: { plain: { subject: 'Retirée de {{wallet}}', body: 'Votre {{card}} est retirée.' } },
            },
          },
        },
      }),
    );
    const told = (locale: string, form: 'plain' | 'sms' = 'plain') =>
      noticeText('TOKEN_DELETED', subject, dueAt, form, {}, { locale, texts });
    expect(told('fr-CA')).toEqual({
      subject: 'Retirée de Apple Pay',
      body: 'Votre carte se terminant par 1234 est retirée.\n',
    });
    expect(told('fr').subject).toContain('n’est plus dans Apple Pay');
    expect(told('fr-CA', 'sms').body).toContain('n’est plus dans Apple Pay');
    expect(told('ja').subject).toContain('Ihre Karte');
  });

  it('in html are markup, with names escaped in it', () => {
    const own = suspended({ html: { body: '<h1>{{card}}</h1><p>{{device}}</p>' } });
    const texts = parseNoticeTexts(JSON.stringify(own));
    const { body } = noticeText('TOKEN_SUSPENDED', { ...subject, deviceName: '<b>' }, dueAt, 'html', {}, { texts });
    expect(body).toBe('<h1>card ending 1234</h1><p>on “<bdi>&lt;b&gt;</bdi>”</p>');
  });

  it('may add a language, when it is whole', () => {
    const whole = { ...builtInTexts.languages.get('es'), dates: 'it-IT' };
    expect(parseNoticeTexts(JSON.stringify({ fallback: 'it', languages: { it: whole } })).fallback).toBe('it');
    const { texts, ...rest } = whole;
    const { TOKEN_UNUSED: _, ...fewer } = texts as Record<string, unknown>;
    expect(refusal({ languages: { it: { ...rest, texts: fewer } } })).toContain(
      'languages.it.texts.TOKEN_UNUSED is missing',
    );
    const said = refusal({ languages: { it: {} } });
    for (const kind of noticeKinds) expect(said).toContain(`languages.it.texts.${kind} is missing`);
    expect(said).toContain('languages.it.words.cardEnding is missing');
    expect(said).toContain('languages.it.words.devices.phone is missing');
  });

  it.each<[string, unknown, string]>([
    ['no JSON', '{', 'The templates are not JSON'],
    ['no object', [], 'it is not an object'],
    ['a name nobody knows', { lang: {} }, 'lang is not known here'],
    ['no tag', { languages: { 'en_GB!': {} } }, 'languages.en_GB! is not a language tag'],
    ['no kind', { languages: { en: { texts: { HELLO: {} } } } }, 'languages.en.texts.HELLO is not a kind of notice'],
    ['a fallback without texts', { fallback: 'it' }, 'fallback is not a language there are texts in'],
    [
      'no variable',
      suspended({ sms: { body: 'x {{cardNumber}}' } }),
      'TOKEN_SUSPENDED.sms.body[0] names {{cardNumber}}, which is no variable',
    ],
    ['a code elsewhere', suspended({ sms: { body: '{{code}}' } }), 'names {{code}}, which only ACTIVATION_CODE has'],
    [
      'a code’s text without it',
      codeText({ sms: { body: 'Hello' } }),
      'ACTIVATION_CODE.sms.body does not name {{code}}',
    ],
    [
      'a code in a subject',
      codeText({ plain: { subject: '{{code}}', body: '{{code}}' } }),
      'plain.subject names {{code}}',
    ],
    [
      'a completion without device',
      completion({ sms: { body: '{{card}} {{wallet}}' } }),
      'sms.body does not name {{device}}',
    ],
    ['stray braces', suspended({ sms: { body: '{{ card }}' } }), 'holds braces that are no variable'],
    ['a line break', suspended({ sms: { body: 'a\nb' } }), 'holds a line break'],
    ['an empty text', suspended({ sms: { body: ' ' } }), 'is empty'],
    ['a subject for sms', suspended({ sms: { subject: 'x', body: 'y' } }), 'sms.subject is not known here'],
    ['a variable in a tag', suspended({ html: { body: '<a href="{{device}}">' } }), 'has a variable inside a tag'],
    [
      'a word without its variable',
      { languages: { en: { words: { device: 'on it' } } } },
      'words.device has to name {{name}}',
    ],
    ['a body that is no text', suspended({ sms: { body: 1 } }), 'sms.body is neither a text nor a list of texts'],
  ])('are refused: %s', (_, value, sentence) => {
    expect(refusal(value)).toContain(sentence);
  });

  it('are refused with every fault at once', () => {
    expect(refusal(suspended({ sms: { body: '{{x}} {{y}}' }, push: { body: [] } })).split('; ')).toHaveLength(3);
  });
});
