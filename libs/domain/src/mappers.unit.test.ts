import { describe, expect, it } from 'vitest';
import { withSealed } from './facts/sealed.js';
import type { InboundMessage } from './generated/records.js';
import { createMappers, mapMessage } from './mappers.js';
import { ehiMessages, ehiToken } from './testing/ehi.js';
import { mdesMessages } from './testing/mdes.js';
import { vtsMessages, vtsToken } from './testing/vts.js';

const mappers = createMappers({
  localInstants: (t) => [Date.UTC(t.year, t.month - 1, t.day, t.hour, t.minute, t.second, t.millisecond)],
});

function message(source: string, fields: InboundMessage['fields'], sealed = {}): InboundMessage {
  return { inboundId: 'i', source, operation: 'o', receivedAt: 1_000, headers: {}, fields, sealed };
}

const fact = {
  factId: 'f1',
  kind: 'ACTIVATION_CODE_ISSUED',
  network: 'VTS',
  occurredAt: '2030-01-15T10:00:00Z',
  aliases: [{ kind: 'tokenReferenceId', value: 'DNITHE000000000000000001' }],
  activation: { method: 'SMS' },
};

describe('the mappers', () => {
  it('read each source by its own rules', () => {
    const ehi = mapMessage(mappers, message('thredd-ehi', ehiMessages.tcn(ehiToken(1), 7, 'A')));
    expect(ehi).toMatchObject({ ok: true, facts: [{ factId: 'thredd-ehi:7', kind: 'DEVICE_PROVISIONED' }] });
    const sealed = { 'activation.codeSealed': 'a.b.c.d.e', tokenPanSealed: 'f.g.h.i.j' };
    expect(mapMessage(mappers, message('canonical', { fact: JSON.stringify(fact) }, sealed))).toMatchObject({
      ok: true,
      facts: [{ factId: 'f1', activation: { method: 'SMS', codeSealed: 'a.b.c.d.e' }, tokenPanSealed: 'f.g.h.i.j' }],
    });
  });

  it('read the networks’ own messages by theirs', () => {
    const mdes = mdesMessages.updated(
      'm-1',
      'STATUS_UPDATE',
      [{ tokenUniqueReference: 'DAPLMC1', status: 'ACTIVE' }],
      5,
    );
    const byMdes = mapMessage(mappers, { ...message('mdes', mdes.fields), operation: mdes.operation });
    expect(byMdes).toMatchObject({ ok: true, facts: [{ source: 'mdes', kind: 'STATUS_REPORTED' }] });
    const vts = vtsMessages.changed(vtsToken(1), 'TOKEN_SUSPEND', 'SUSPENDED', 5);
    const byVts = mapMessage(mappers, { ...message('vts', vts.fields), operation: vts.operation });
    expect(byVts).toMatchObject({ ok: true, facts: [{ source: 'vts', kind: 'TOKEN_SUSPENDED' }] });
  });

  it('refuse an unknown source and a canonical message without a fact that can be read', () => {
    const refused = (one: InboundMessage) => {
      const mapping = mapMessage(mappers, one);
      return mapping.ok ? undefined : [mapping.rejection.code, mapping.rejection.errors];
    };
    expect(refused(message('nobody', {}))).toEqual(['UNKNOWN_SOURCE', []]);
    expect(refused(message('canonical', {}))).toEqual(['FIELD_MISSING', [{ path: 'fact', message: 'is missing' }]]);
    expect(refused(message('canonical', { fact: '{' }))).toEqual([
      'NOT_JSON',
      [{ path: 'fact', message: 'is not JSON' }],
    ]);
  });
});

describe('sealed values', () => {
  it('go where the fact has them, and nowhere else', () => {
    const sealed = { 'activation.codeSealed': 'a', 'activation.contactSealed': 'b', tokenPanSealed: 'c', other: 'd' };
    expect(withSealed({ activation: { method: 'SMS' }, x: 1 }, sealed)).toEqual({
      activation: { method: 'SMS', codeSealed: 'a', contactSealed: 'b' },
      tokenPanSealed: 'c',
      x: 1,
    });
    expect(withSealed({ x: 1 }, { 'activation.codeSealed': 'a' })).toEqual({ x: 1 });
    for (const odd of [undefined, null, 'text', [1]]) {
      expect(withSealed(odd, sealed)).toBe(odd);
      expect(withSealed({ activation: odd }, { 'activation.codeSealed': 'a' })).toEqual({ activation: odd });
    }
  });
});
