import { X509Certificate } from 'node:crypto';
import { expect, it } from 'vitest';
import { createAuthority } from './certificates.js';

it('makes certificates that Node reads as they were asked for, issued by the authority', () => {
  const authority = createAuthority();
  const { cert, key } = authority.issue({
    subject: [
      ['C', 'GB'],
      ['O', 'Example, Ltd'],
      ['CN', 'client.example.com'],
    ],
    dns: ['client.example.com', 'other.example.com'],
    ips: [[127, 0, 0, 1]],
    notAfter: Date.UTC(2045, 0, 1),
  });
  const [own, issuer] = [new X509Certificate(cert), new X509Certificate(authority.cert)];
  expect(issuer.ca).toBe(true);
  expect(own.checkIssued(issuer)).toBe(true);
  expect(own.verify(issuer.publicKey)).toBe(true);
  expect(own.checkHost('other.example.com')).toBe('other.example.com');
  expect(own.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(own.subject).toBe('C=GB\nO=Example\\, Ltd\nCN=client.example.com');
  expect(new Date(own.validTo).getUTCFullYear()).toBe(2045);
  expect(key).toContain('PRIVATE KEY');
  expect(createAuthority().cert).not.toBe(authority.cert);
});
