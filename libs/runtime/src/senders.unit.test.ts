import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { doorNames, keyDigest, readSenders } from './senders.js';

const key = '0123456789abcdef';
const hex = keyDigest('a key of another sender').toString('hex');

function read(senders: unknown, apiKeys?: string) {
  const problems: string[] = [];
  const text = typeof senders === 'string' || senders === undefined ? senders : JSON.stringify(senders);
  return { senders: readSenders({ senders: text, apiKeys }, problems), problems };
}

describe('senders', () => {
  it('are read from both forms', () => {
    const { senders, problems } = read(
      {
        visa: { apiKeySha256: hex.toUpperCase(), certificates: [{ san: 'Client.Example.com' }], doors: ['vts'] },
        mdes: {
          certificates: [
            { fingerprint256: hex.replace(/..(?=.)/g, '$&:').toUpperCase() },
            { subject: 'C=US, O=Example, CN=client' },
          ],
          addresses: ['203.0.113.0/24'],
        },
        turning: { apiKey: ['the-old-key-is-long', 'the-new-key-is-long'] },
      },
      `thredd=${key}, thredd=and-a-second-key==`,
    );
    expect(problems).toEqual([]);
    expect(senders).toEqual([
      {
        name: 'visa',
        keyDigests: [Buffer.from(hex, 'hex')],
        certificates: [{ san: 'client.example.com' }],
        doors: ['vts'],
      },
      {
        name: 'mdes',
        keyDigests: [],
        certificates: [{ fingerprint256: hex }, { subject: 'C=US, O=Example, CN=client' }],
        addresses: expect.anything(),
      },
      {
        name: 'turning',
        keyDigests: [keyDigest('the-old-key-is-long'), keyDigest('the-new-key-is-long')],
        certificates: [],
      },
      { name: 'thredd', keyDigests: [keyDigest(key), keyDigest('and-a-second-key==')], certificates: [] },
    ]);
    expect(read(undefined)).toEqual({ senders: [], problems: [] });
  });

  const good = { apiKey: key };
  it.each([
    ['no JSON', '{', 'TOKENLINE_SENDERS is not JSON.'],
    ['a list', [good], 'TOKENLINE_SENDERS is not an object with the senders by name.'],
    ['nobody', {}, 'TOKENLINE_SENDERS names no sender.'],
    ['a name of blanks', { 'a b': good }, 'TOKENLINE_SENDERS has a name that is not 1 to 64'],
    ['a key in place of a sender', { a: key }, 'TOKENLINE_SENDERS.a is not an object.'],
    ['nothing that proves it', { a: { doors: ['mdes'] } }, 'TOKENLINE_SENDERS.a states nothing that would prove it'],
    [
      'a field misspelt',
      { a: { ...good, adresses: ['10.0.0.1'] } },
      'TOKENLINE_SENDERS.a has a field that is not known, adresses',
    ],
    ['a short key', { a: { apiKey: 'short' } }, 'TOKENLINE_SENDERS.a.apiKey is not 16 or more'],
    ['a key with a blank', { a: { apiKey: [key, `${key} x`] } }, 'TOKENLINE_SENDERS.a.apiKey[1] is not 16 or more'],
    ['no key in its list', { a: { apiKey: [] } }, 'TOKENLINE_SENDERS.a.apiKey is an empty list.'],
    [
      'a digest that is none',
      { a: { apiKeySha256: key } },
      'TOKENLINE_SENDERS.a.apiKeySha256 is not a SHA-256 in hex.',
    ],
    [
      'no certificate in its list',
      { a: { certificates: [] } },
      'TOKENLINE_SENDERS.a.certificates is not a list of one at least.',
    ],
    [
      'a certificate that states nothing',
      { a: { certificates: [{}] } },
      'TOKENLINE_SENDERS.a.certificates[0] must state',
    ],
    [
      'a certificate with more',
      { a: { certificates: [{ san: 'a.example', issuer: 'x' }] } },
      'TOKENLINE_SENDERS.a.certificates[0] must state',
    ],
    [
      'a fingerprint by SHA-1',
      { a: { certificates: [{ fingerprint256: 'ab'.repeat(20) }] } },
      'TOKENLINE_SENDERS.a.certificates[0].fingerprint256 is not',
    ],
    [
      'a subject that is none',
      { a: { certificates: [{ subject: 'client' }] } },
      'TOKENLINE_SENDERS.a.certificates[0].subject is not',
    ],
    [
      'a name for every host below',
      { a: { certificates: [{ san: '.example.com' }] } },
      'TOKENLINE_SENDERS.a.certificates[0].san is not a DNS name.',
    ],
    [
      'no address in its list',
      { a: { ...good, addresses: [] } },
      'TOKENLINE_SENDERS.a.addresses is not a list of one at least.',
    ],
    [
      'an address that is none',
      { a: { ...good, addresses: ['10.0.0.1', '10.0.0.0/99'] } },
      'TOKENLINE_SENDERS.a.addresses[1] is not an address',
    ],
    [
      'a door there is not',
      { a: { ...good, doors: ['mdes', 'mds'] } },
      'TOKENLINE_SENDERS.a.doors[1] is not one of thredd/ehi, mdes',
    ],
    [
      'one key for two',
      { a: good, b: { apiKeySha256: keyDigest(key).toString('hex') } },
      'The API keys of a and b are the same',
    ],
    [
      'one certificate for two',
      { a: { certificates: [{ san: 'x.example' }] }, b: { certificates: [{ san: 'X.example' }] } },
      'The certificates of a and b are the same',
    ],
  ])('with %s are refused, by name and field', (_what, given, message) => {
    const { problems } = read(given);
    expect(problems).toEqual([expect.stringContaining(message)]);
    expect(problems.join()).not.toContain(key);
  });

  it('of the short form are refused in the same way', () => {
    for (const text of ['thredd=short', 'no key', '=0123456789abcdef', 'a b=0123456789abcdef', key]) {
      expect(read(undefined, text).problems).toEqual([
        expect.stringContaining('TOKENLINE_API_KEYS must hold name=key'),
      ]);
    }
    expect(read({ a: good }, 'a=another-key-of-a').problems).toEqual([
      expect.stringContaining('both of TOKENLINE_SENDERS'),
    ]);
    expect(read({ a: good }, `b=${key}`).problems).toEqual([expect.stringContaining('The API keys of a and b')]);
  });

  it('may share a certificate that stands beside keys of their own', () => {
    const certificates = [{ san: 'gateway.example' }];
    expect(read({ a: { ...good, certificates }, b: { apiKey: `${key}-b`, certificates } }).problems).toEqual([]);
  });

  it('whatever is configured, are read or refused, and no key is quoted', () => {
    const secret = 'a-key-that-nobody-must-see';
    const part = fc.oneof(fc.jsonValue(), fc.constantFrom(secret, [secret], ...doorNames));
    const field = fc.constantFrom('apiKey', 'apiKeySha256', 'certificates', 'addresses', 'doors', 'other');
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.dictionary(field, part)), (given) => {
        const { senders, problems } = read(given);
        expect(problems.join()).not.toContain(secret);
        if (problems.length === 0) {
          expect(senders.map(({ name }) => name).sort()).toEqual(Object.keys(given).sort());
          for (const one of senders) expect(one.keyDigests.length + one.certificates.length).toBeGreaterThan(0);
        }
      }),
    );
  });
});
