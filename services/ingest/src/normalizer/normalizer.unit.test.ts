import type { AnyRecord, Codec, Decoded } from '@tokenline/contracts';
import { ehiSource, type FactDraft, type TokenFact } from '@tokenline/domain';
import { createLogger, Registry } from '@tokenline/runtime';
import type { InRecord, OutRecord } from '@tokenline/streams';
import { expect, it } from 'vitest';
import { createMeters } from '../meters.js';
import { createNormalizer } from './normalizer.js';

const now = Date.UTC(2030, 0, 15, 10);

const codec: Codec = {
  encode: (type, value) => Buffer.from(JSON.stringify({ type, value })),
  decode: async (bytes): Promise<Decoded> => ({ ok: true, ...(JSON.parse(bytes.toString()) as AnyRecord) }) as Decoded,
};

const draft: FactDraft = {
  factId: 'f1',
  network: 'VTS',
  kind: 'ACTIVATION_CODE_ISSUED',
  occurredAt: now,
  occurredAtSource: 'SOURCE',
  receivedAt: now,
  source: ehiSource,
  sourceMessageId: '1',
  actor: 'NETWORK',
  aliases: [],
  activation: { method: 'SMS', codeSealed: 'a.b.c.d.e', contactSealed: 'f.g.h.i.j', expiresAt: now + 1 },
};

const inbound = {
  inboundId: 'i',
  source: ehiSource,
  operation: 'o',
  receivedAt: now,
  headers: {},
  fields: {},
  sealed: {},
};
const record: InRecord = {
  topic: 'tsp.inbound',
  partition: 0,
  offset: 0,
  key: 'k',
  value: codec.encode('tokenline.inbound.InboundMessage', inbound),
  headers: {},
  timestamp: now,
};

/** What happens to a message with a code, in order; the vault is away on request. */
async function happenings(vaultAnswers: boolean): Promise<{ readonly steps: string[]; readonly written: OutRecord[] }> {
  const steps: string[] = [];
  const written: OutRecord[] = [];
  const normalize = createNormalizer({
    codec,
    mappers: new Map([[ehiSource, () => ({ ok: true, facts: [draft] })]]),
    identities: {
      resolve: async () => [{ tokenId: 't1', merges: [], conflicts: [] }],
      announced: async () => undefined,
    },
    vault: {
      put: async (codes) => {
        if (!vaultAnswers) throw new Error('the vault is away');
        steps.push(`vault ${JSON.stringify(codes)}`);
      },
    },
    putAside: () => Promise.reject(new Error('nothing to put aside')),
    writer: {
      write: async (records) => {
        steps.push('log');
        written.push(...records);
      },
    },
    meters: createMeters(new Registry()),
    log: createLogger('test', 'silent'),
    now: () => now,
  });
  await normalize([record]).catch((error: Error) => void steps.push(error.message));
  return { steps, written };
}

it('a code is in the vault before its fact is on the log, and the fact is without it', async () => {
  const { steps, written } = await happenings(true);
  const kept = { noticeId: 'activation-code-f1', codeSealed: 'a.b.c.d.e', contactSealed: 'f.g.h.i.j', wipeAt: now + 1 };
  expect(steps).toEqual([`vault ${JSON.stringify([kept])}`, 'log']);
  const [fact] = written.map(({ value }) => (JSON.parse(String(value)) as { value: TokenFact }).value);
  expect(fact?.activation).toEqual({ method: 'SMS', expiresAt: now + 1 });
});

it('nothing is written while the vault is away: the batch comes again', async () => {
  expect((await happenings(false)).steps).toEqual(['the vault is away']);
});
