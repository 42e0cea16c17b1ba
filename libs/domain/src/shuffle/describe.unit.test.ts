import { expect, it } from 'vitest';
import { fact } from '../lifecycle/given.js';
import { rejection } from '../reasons.js';
import { describeMapping } from './describe.js';

it('a message in a line: when, what, who, and by which names', () => {
  const { tokenId: _, ...draft } = fact('TOKEN_SUSPENDED', 1, {
    reasonCode: '81',
    reportedStatus: 'SUSPENDED',
    actor: 'ISSUER',
    aliases: [
      { kind: 'threddPaymentTokenId', value: '7' },
      { kind: 'lifecycleTraceId', value: '9' },
    ],
  });
  expect(describeMapping({ ok: true, facts: [draft] })).toBe(
    '2030-01-15T12:00:01.000Z  TOKEN_SUSPENDED (81), SUSPENDED, SECURE_ELEMENT, by ISSUER  threddPaymentTokenId:7 lifecycleTraceId:9',
  );
});

it('with everything else that makes a difference', () => {
  const request = fact('PROVISIONING_REQUESTED', 0, { decision: 'AUTHENTICATE', tokenType: undefined, tokenId: 't' });
  const held = fact('STATUS_REPORTED', 0, { suspenders: ['ISSUER', 'CARDHOLDER'], tokenExpiry: '2033-01-31' });
  expect(describeMapping({ ok: true, facts: [request, held] })).toBe(
    '2030-01-15T12:00:00.000Z  PROVISIONING_REQUESTED, AUTHENTICATE, by NETWORK  tokenId:t; ' +
      '2030-01-15T12:00:00.000Z  STATUS_REPORTED, held by [ISSUER CARDHOLDER], expires 2033-01-31, SECURE_ELEMENT, by NETWORK  tokenId:t1',
  );
});

it('or why its mapper refuses it', () => {
  expect(describeMapping({ ok: false, rejection: rejection('NO_TOKEN_NAME') })).toBe(
    'refused by the mapper: NO_TOKEN_NAME',
  );
});
