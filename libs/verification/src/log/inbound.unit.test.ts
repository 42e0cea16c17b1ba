import type { InboundMessage, TokenFact } from '@tokenline/domain';
import { vtsMessage, vtsMessages, vtsToken } from '@tokenline/domain/testing';
import { describe, expect, it } from 'vitest';
import { createInbound, nameOfMessage } from './inbound.js';
import type { Place } from './place.js';

const token = vtsToken(1);
const at = (offset: number): Place => ({ partition: 0, offset });
const received = (message: ReturnType<typeof vtsMessage>): InboundMessage => ({
  inboundId: 'i',
  source: 'vts',
  headers: {},
  ...message,
});
const suspended = received(vtsMessages.changed(token, '3702', 'SUSPENDED', 5));
const fact = {
  source: 'vts',
  sourceMessageId: 'm',
  factId: 'vts:tokenChanged:DNITHE000000000000000001:TOKEN_SUSPEND:2030-01-15T10:00:05.000Z',
} as TokenFact;

it.each([
  ['"f-1"', 'fact f-1'],
  ['" f-1 "', 'fact f-1'],
  ['-471855986', 'fact -471855986'],
  ['-0', 'fact 0'],
  ['1.5', undefined],
  ['null', undefined],
])('a canonical message with the factId %s is called as the fact it becomes', (factId, name) => {
  const message = { source: 'canonical', fields: { fact: `{"factId":${factId}}` } } as unknown as InboundMessage;
  expect(nameOfMessage(message)).toBe(name);
});

describe('a message of a network', () => {
  it('is answered by the fact its mapper makes of it, each copy', () => {
    const inbound = createInbound();
    inbound.add(at(0), suspended);
    inbound.add(at(1), suspended);
    expect([...inbound.unanswered()]).toEqual([at(0), at(1)]);
    inbound.answeredBy(fact);
    expect([...inbound.unanswered()]).toEqual([]);
  });

  it('that tells of no token needs no answer', () => {
    const inbound = createInbound();
    inbound.add(at(0), received(vtsMessage(token, 'pushProvisioningStatus', { status: 'SUCCESS' })));
    expect(inbound.count()).toBe(1);
    expect([...inbound.unanswered()]).toEqual([]);
  });

  it('that its mapper refuses is answered by no fact', () => {
    const inbound = createInbound();
    inbound.add(at(0), received(vtsMessage(token, 'tokenDreamt')));
    inbound.answeredBy(fact);
    expect([...inbound.unanswered()]).toEqual([at(0)]);
  });
});
