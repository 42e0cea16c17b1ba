/** Values through the real registry and back. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { StoredToken, TokenChanged, TokenFact } from '@tokenline/domain';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Codec, createCodec, subjectOf } from './codec.js';
import { registerSchemas } from './register.js';

const url = process.env.TOKENLINE_SCHEMA_REGISTRY_URL as string;
const prefix = `codec-${randomUUID().slice(0, 8)}-`;
let codec: Codec;

beforeAll(async () => {
  await registerSchemas(url, prefix);
  codec = await createCodec(url, prefix);
});

const fact: TokenFact = {
  factId: 'f1',
  tokenId: 't1',
  network: 'VTS',
  kind: 'PROVISIONING_REQUESTED',
  occurredAt: 1_793_534_400_123,
  occurredAtSource: 'SOURCE',
  receivedAt: 1_793_534_401_000,
  source: 'thredd-ehi',
  sourceMessageId: 'm1',
  actor: 'CARDHOLDER',
  decision: 'AUTHENTICATE',
  device: { name: 'Anna’s phone' },
  suspenders: ['ISSUER', 'NETWORK'],
  aliases: [{ kind: 'correlationId', value: 'a:b' }],
};

const changed: TokenChanged = {
  eventId: 'e1',
  tokenId: 't1',
  version: 3,
  occurredAt: 1,
  recordedAt: 2,
  factId: 'f1',
  factKind: 'TOKEN_SUSPENDED',
  source: 'thredd-ehi',
  actor: 'ISSUER',
  cause: { topic: 'token.facts', partition: 5, offset: 9_007_199_254_740_990 },
  late: false,
  changes: [{ field: 'status', from: 'ACTIVE', to: 'SUSPENDED' }],
  state: {
    tokenId: 't1',
    status: 'SUSPENDED',
    suspendedBy: ['ISSUER'],
    provisioning: { path: 'GREEN' },
    bindings: [{ bindingId: '1', device: { id: 'browser-1' }, boundAt: 1 }, { boundAt: 2 }],
    removedFromWalletAt: 3,
    aliases: [],
    version: 3,
    updatedAt: 1,
  },
};

const stored: StoredToken = {
  tokenId: 't1',
  facts: [fact, { ...fact, factId: 'f2' }],
  version: 3,
  completionAnnounced: true,
  lastFact: { topic: 'token.facts', partition: 0, offset: 0 },
};

/** Registers a schema under a subject of ours and gives its id. */
async function register(subject: string, schema: object): Promise<number> {
  const response = await fetch(`${url}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schemaType: 'AVRO', schema: JSON.stringify(schema) }),
  });
  return ((await response.json()) as { id: number }).id;
}

function framed(id: number, ...body: number[]): Buffer {
  const header = Buffer.alloc(5);
  header.writeInt32BE(id, 1);
  return Buffer.concat([header, Buffer.from(body)]);
}

describe('a value', () => {
  it.each([
    ['tokenline.facts.TokenFact', fact],
    ['tokenline.lifecycle.TokenChanged', changed],
    ['tokenline.lifecyclestore.StoredToken', stored],
  ] as const)('%s comes back as it went, absent fields absent', async (type, value) => {
    const bytes = codec.encode(type, value as never);
    expect(bytes[0]).toBe(0);
    const decoded = await codec.decode(bytes);
    expect(decoded).toStrictEqual({ ok: true, current: true, type, value });
  });

  it('is read by a codec made later, by the id it was written under', async () => {
    const later = await createCodec(url, prefix);
    expect(await later.decode(codec.encode('tokenline.facts.TokenFact', fact))).toMatchObject({
      ok: true,
      value: fact,
    });
  });

  it('with bytes behind it is not current: they would be written again', async () => {
    const bytes = Buffer.concat([codec.encode('tokenline.facts.TokenFact', fact), Buffer.from('more')]);
    expect(await codec.decode(bytes)).toStrictEqual({
      ok: true,
      current: false,
      type: 'tokenline.facts.TokenFact',
      value: fact,
    });
  });

  it('is written with the bytes of what it holds, where these are known', () => {
    const known = new Map(stored.facts.map((one) => [one, codec.encode('tokenline.facts.TokenFact', one)]));
    const type = 'tokenline.lifecyclestore.StoredToken';
    // Wherever the page ends on which values are written.
    for (let n = 0; n < 200; n++) expect(codec.encode(type, stored, known)).toEqual(codec.encode(type, stored));
  });

  it('that does not fit its schema is refused, naming the field and not the value', () => {
    const wrong = { ...fact, aliases: [{ kind: 'correlationId', value: 4_111_111_111_111_111 }] } as never;
    expect(() => codec.encode('tokenline.facts.TokenFact', wrong)).toThrow(
      /TokenFact does not fit its schema at aliases\.0\.value/,
    );
    expect(() => codec.encode('tokenline.facts.TokenFact', wrong)).not.toThrow(/4111/);
  });
});

describe('a record of a later release', () => {
  it('is named and skipped when its type is not known here', async () => {
    const schema = {
      type: 'record',
      namespace: 'tokenline.facts',
      name: 'Later',
      fields: [{ name: 'a', type: 'int' }],
    };
    const id = await register(`${prefix}token.facts-tokenline.facts.Later`, schema);
    expect(await codec.decode(framed(id, 2))).toEqual({
      ok: false,
      reason: 'unknown-type',
      type: 'tokenline.facts.Later',
    });
  });

  it('is read without its new field, and with the defaults of those it has dropped', async () => {
    const subject = subjectOf('tokenline.deadletters.DeadLetterRedriven', prefix);
    const later = {
      type: 'record',
      namespace: 'tokenline.deadletters',
      name: 'DeadLetterRedriven',
      fields: [
        { name: 'deadLetterId', type: 'string' },
        { name: 'redrivenAt', type: { type: 'long', logicalType: 'timestamp-millis' } },
        { name: 'accepted', type: 'boolean' },
        { name: 'by', type: ['null', 'string'], default: null },
      ],
    };
    const id = await register(subject, later);
    const bytes = framed(id, 2, 'd'.charCodeAt(0), 4, 1, 2, 2, 'x'.charCodeAt(0));
    expect(await codec.decode(bytes)).toStrictEqual({
      ok: true,
      current: false,
      type: 'tokenline.deadletters.DeadLetterRedriven',
      value: { deadLetterId: 'd', redrivenAt: 2, accepted: true },
    });
  });
});

describe('bytes', () => {
  const good = () => codec.encode('tokenline.facts.TokenFact', fact);

  it.each<[what: string, bytes: () => Buffer]>([
    ['nothing', () => Buffer.alloc(0)],
    ['text', () => Buffer.from('{"factId":"f1"}')],
    ['a header and nothing else', () => good().subarray(0, 5)],
    ['a value cut short', () => good().subarray(0, -3)],
    ['an id no schema has', () => framed(2_000_000_000, 2)],
    ['a negative id', () => framed(-1, 2)],
    ['another enum than the schema has', () => good().fill(0xff, 12)],
  ])('that are %s are undecodable, not an exception', async (_what, bytes) => {
    expect(await codec.decode(bytes())).toMatchObject({ ok: false, reason: 'undecodable' });
  });
});

/** The registry behind a door of our own that can be shut. */
async function shuttable(): Promise<{ readonly url: string; shut: boolean; readonly close: () => void }> {
  const { origin, pathname } = new URL(url);
  const door = { url: '', shut: false, close: () => void server.close() };
  const server = createServer(async (request, reply) => {
    if (door.shut) return void reply.writeHead(503).end();
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    const response = await fetch(`${origin}${request.url}`, {
      method: request.method as string,
      headers: { 'content-type': request.headers['content-type'] ?? 'application/json' },
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
    });
    reply.writeHead(response.status, { 'content-type': 'application/json' }).end(await response.text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  door.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`;
  return door;
}

describe('the registry', () => {
  it('when it does not answer, says nothing about the bytes: decoding throws, and works once it is back', async () => {
    const door = await shuttable();
    try {
      const own = await createCodec(door.url, prefix);
      const bytes = codec.encode('tokenline.facts.TokenFact', fact);
      door.shut = true;
      await expect(own.decode(bytes)).rejects.toThrow();
      door.shut = false;
      expect(await own.decode(bytes)).toMatchObject({ ok: true });
    } finally {
      door.close();
    }
  });

  it('must have every record registered before a codec is made', async () => {
    await expect(createCodec(url, `none-${randomUUID()}-`)).rejects.toThrow(
      /is not registered under .* run 'tokenline deploy'/,
    );
  });
});
