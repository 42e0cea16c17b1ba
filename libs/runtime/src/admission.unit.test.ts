import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admit, type Caller } from './admission.js';
import { type DoorName, doorNames, readSenders } from './senders.js';
import { createAuthority } from './testing/index.js';

const authority = createAuthority();
const subject = [
  ['O', 'Example, Ltd'],
  ['CN', 'visa'],
] as const;
const certificates = {
  visa: new X509Certificate(authority.issue({ subject, dns: ['visa.example.com', '*.wild.example.com'] }).cert),
  mdes: new X509Certificate(authority.issue({ subject: 'mdes' }).cert),
  lookalike: new X509Certificate(authority.issue({ subject: 'O=Example\\, Ltd, CN=visa' }).cert),
};
const keys = { tsp: 'the-key-of-the-tsp-01', both: 'the-key-of-both-00001', narrow: 'the-key-of-narrow-001' };

function policy(senders: object, mode: 'local' | 'production' = 'production') {
  const problems: string[] = [];
  const read = readSenders({ senders: JSON.stringify(senders) }, problems);
  if (problems.length > 0) throw new Error(problems.join(' '));
  return { mode, senders: read };
}

const senders = {
  tsp: { apiKey: keys.tsp },
  visa: { certificates: [{ subject: 'O=Example\\, Ltd, CN=visa' }] },
  both: { apiKey: keys.both, certificates: [{ fingerprint256: certificates.mdes.fingerprint256 }] },
  narrow: { apiKey: keys.narrow, addresses: ['203.0.113.0/24', '::1'], doors: ['mdes', 'vts'] },
};
const guarded = policy(senders);

function ask(caller: Partial<Caller>, door: DoorName | undefined = 'mdes', by = guarded) {
  const given = { key: undefined, certificate: undefined, address: '203.0.113.9', ...caller };
  const admission = admit(given, door, by);
  return admission.ok ? (admission.sender ?? 'nobody') : `${admission.code} ${admission.sender ?? ''}`.trim();
}

describe('a caller', () => {
  it.each([
    ['with the key of a sender', { key: keys.tsp }, 'tsp'],
    ['with the certificate of a sender', { certificate: certificates.visa }, 'visa'],
    ['with both, of a sender that states both', { key: keys.both, certificate: certificates.mdes }, 'both'],
    ['with a key, and a certificate nobody asked for', { key: keys.tsp, certificate: certificates.lookalike }, 'tsp'],
    ['with a key, and the certificate of somebody else', { key: keys.tsp, certificate: certificates.visa }, 'tsp'],
    ['with nothing', {}, 'CREDENTIALS_MISSING'],
    ['with a wrong key', { key: 'x' }, 'CREDENTIALS_REFUSED'],
    [
      'with a wrong key beside the right certificate',
      { key: 'x', certificate: certificates.visa },
      'CREDENTIALS_REFUSED',
    ],
    ['with a certificate not known', { certificate: certificates.lookalike }, 'CREDENTIALS_REFUSED'],
    ['with one of the two a sender states', { key: keys.both }, 'CREDENTIALS_REFUSED'],
    ['with the other one', { certificate: certificates.mdes }, 'CREDENTIALS_REFUSED'],
    ['with both, one of somebody else', { key: keys.both, certificate: certificates.visa }, 'CREDENTIALS_REFUSED'],
  ])('%s is %s', (_what, caller, expected) => expect(ask(caller)).toBe(expected));

  it('comes in from the addresses of its sender only, at its doors only', () => {
    const key = keys.narrow;
    expect(ask({ key })).toBe('narrow');
    expect(ask({ key, address: '::ffff:203.0.113.200' })).toBe('narrow');
    expect(ask({ key, address: '::1' }, 'vts')).toBe('narrow');
    expect(ask({ key, address: '203.0.114.1' })).toBe('ADDRESS_NOT_ALLOWED narrow');
    expect(ask({ key, address: '' })).toBe('ADDRESS_NOT_ALLOWED narrow');
    expect(ask({ key }, 'facts')).toBe('DOOR_NOT_ALLOWED narrow');
    expect(admit({ key, certificate: undefined, address: '::1' }, undefined, guarded)).toMatchObject({
      code: 'DOOR_NOT_ALLOWED',
    });
  });

  it('is known by what its certificate states, exactly', () => {
    const by = (rule: object) =>
      ask({ certificate: certificates.visa }, 'mdes', policy({ v: { certificates: [rule] } }));
    const { fingerprint256 } = certificates.visa;
    expect(by({ fingerprint256 })).toBe('v');
    expect(by({ fingerprint256, san: 'VISA.example.com', subject: 'O=Example\\, Ltd, CN=visa' })).toBe('v');
    for (const rule of [
      { fingerprint256: certificates.mdes.fingerprint256 },
      { fingerprint256, san: 'other.example.com' },
      { subject: 'CN=visa' },
      { subject: 'CN=visa, O=Example\\, Ltd' },
      { san: 'example.com' },
      { san: 'visa' },
      { san: 'a.wild.example.com' },
    ]) {
      expect(by(rule), JSON.stringify(rule)).toBe('CREDENTIALS_REFUSED');
    }
  });

  it('in local mode needs nothing from loopback, and elsewhere what others need', () => {
    const local = policy(senders, 'local');
    expect(ask({ address: '127.0.0.1' }, 'mdes', local)).toBe('nobody');
    expect(ask({ address: '127.0.0.1', key: keys.tsp }, 'mdes', local)).toBe('tsp');
    expect(ask({ address: '127.0.0.1', key: 'x' }, 'mdes', local)).toBe('CREDENTIALS_REFUSED');
    expect(ask({ address: '127.0.0.1', certificate: certificates.lookalike }, 'mdes', local)).toBe(
      'CREDENTIALS_REFUSED',
    );
    expect(ask({}, 'mdes', local)).toBe('CREDENTIALS_MISSING');
    expect(ask({ address: '::1', key: 'x' }, 'mdes', { mode: 'local', senders: [] })).toBe('nobody');
    expect(ask({ address: '::1' })).toBe('CREDENTIALS_MISSING');
  });

  it('whoever it is, comes in outside local mode only as a sender whose every condition it meets', () => {
    const callers = fc.record({
      key: fc.option(fc.constantFrom(...Object.values(keys), 'x'), { nil: undefined }),
      certificate: fc.option(fc.constantFrom(...Object.values(certificates)), { nil: undefined }),
      address: fc.constantFrom('203.0.113.1', '127.0.0.1', '::1', '10.0.0.1', ''),
    });
    const at = fc.option(fc.constantFrom(...doorNames), { nil: undefined });
    fc.assert(
      fc.property(callers, at, (caller, door) => {
        const admission = admit(caller, door, guarded);
        if (!admission.ok) return;
        const { key, certificate, address } = caller;
        const conditions: Readonly<Record<string, boolean>> = {
          tsp: key === keys.tsp,
          visa: key === undefined && certificate === certificates.visa,
          both: key === keys.both && certificate === certificates.mdes,
          narrow:
            key === keys.narrow && ['203.0.113.1', '::1'].includes(address) && ['mdes', 'vts'].includes(door ?? ''),
        };
        expect(conditions[admission.sender ?? ''], JSON.stringify({ ...admission, key, address, door })).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
