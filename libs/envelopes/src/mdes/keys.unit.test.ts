import { describe, expect, it } from 'vitest';
import { openMdes, sealMdes } from './envelope.js';
import { keysText, newPair, recipient } from './given.js';
import { MdesKeyError, parseMdesKeys } from './keys.js';

const [ours, theirs] = [newPair(), newPair()];

describe('the keys of MDES', () => {
  it('are found by a fingerprint of the configuration, where Mastercard was given another than the usual', () => {
    const text = JSON.stringify({
      own: [{ privateKey: ours.privateKey, fingerprints: ['00112233445566778899AABBCCDDEEFF'] }],
      mastercard: { publicKey: theirs.publicKey },
    });
    const to = recipient(ours.publicKey, '00112233445566778899aabbccddeeff', 'SHA512', 'CBC');
    expect(openMdes(sealMdes('x', to), parseMdesKeys(text))).toEqual({ ok: true, text: 'x' });
  });

  it('say how answers are encrypted', () => {
    const more = { fingerprint: 'AB'.repeat(20), oaepHashingAlgorithm: 'SHA512', algorithmCipherMode: 'GCM' };
    const { mastercard } = parseMdesKeys(keysText([ours], theirs, more));
    const answer = sealMdes('{"accountStatus":"UNKNOWN"}', mastercard);
    expect(answer).toMatchObject({
      publicKeyFingerprint: 'ab'.repeat(20),
      oaepHashingAlgorithm: 'SHA512',
      algorithmCipherMode: 'GCM',
    });
    const peer = parseMdesKeys(
      JSON.stringify({
        own: [{ privateKey: theirs.privateKey, fingerprints: ['ab'.repeat(20)] }],
        mastercard: { publicKey: ours.publicKey },
      }),
    );
    expect(openMdes(answer, peer)).toEqual({ ok: true, text: '{"accountStatus":"UNKNOWN"}' });
  });

  it.each([
    ['not JSON', ours.privateKey, 'it is not JSON'],
    ['no object', '[]', 'it is not an object'],
    ['without keys of ours', JSON.stringify({ own: [] }), '"own"'],
    ['without Mastercard’s', JSON.stringify({ own: [{ privateKey: ours.privateKey }] }), '"mastercard"'],
    ['with a damaged key', keysText([{ ...ours, privateKey: ours.privateKey.slice(40) }], theirs), 'own[0].privateKey'],
    ['with a short key', keysText([newPair(1024)], theirs), 'own[0].privateKey is not an RSA key of 2048 bits'],
    ['with one key twice', keysText([ours, ours], theirs), 'own[1] has the fingerprint of a key before it'],
    ['with an odd hash', keysText([ours], theirs, { oaepHashingAlgorithm: 'MD5' }), 'mastercard.oaepHashingAlgorithm'],
    ['with an odd fingerprint', keysText([ours], theirs, { fingerprint: 'key' }), 'mastercard.fingerprint'],
  ])('%s are refused, and no part of a key is quoted', (_what, text, said) => {
    const refuse = () => parseMdesKeys(text);
    expect(refuse).toThrow(MdesKeyError);
    expect(refuse).toThrow(said);
    expect(refuse).not.toThrow(/MII/);
  });
});
