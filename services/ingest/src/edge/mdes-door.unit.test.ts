import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { mdesOperations } from '@tokenline/domain';
import { parseMdesKeys } from '@tokenline/envelopes';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { configuredPolicy, safePolicy } from '../decision/policy.js';
import type { DecisionPort, DecisionRequest } from '../decision/port.js';
import { directoryOf, startDoor } from './given.js';
import { factsOf, type Json, newMdes, prefix, startMdes } from './mdes/given.js';
import { createMdesDoor } from './mdes-door.js';

const folder = resolve(import.meta.dirname, '../../fixtures/mdes');
/** A request of the fixtures in clear, and what of it is encrypted. */
function fixture(path: string): { readonly body: Json; readonly opened: Json; readonly receivedAt: string } {
  const read = (name: string) => JSON.parse(readFileSync(join(folder, path, name), 'utf8'));
  const opened = readdirSync(join(folder, path)).includes('opened.json') ? read('opened.json') : {};
  return { ...read('request.json'), opened };
}

const mdes = newMdes();
const now = Date.UTC(2026, 10, 20, 10, 30, 2, 500);
const edge = startMdes({ mdes, now: () => now });
beforeEach(() => edge.clear());
afterAll(() => edge.close());

const yellow = fixture('authorizeService/yellow');
const sent = ({ body, opened }: Pick<typeof yellow, 'body' | 'opened'>): string =>
  JSON.stringify(mdes.withEnvelopes(body, opened));

describe('the decision', () => {
  const deciding = (decisions: DecisionPort) =>
    startDoor(
      `${prefix}*`,
      (parts) => createMdesDoor({ ...parts, keys: parseMdesKeys(mdes.keys), decisions, cardholders: directoryOf([]) }),
      { now: () => now },
    );

  it('is asked for with all the network said, the card’s number included', async () => {
    const requests: DecisionRequest[] = [];
    const { decide } = configuredPolicy(safePolicy);
    const door = deciding({
      decide: (request) => {
        requests.push(request);
        return decide(request);
      },
    });
    await door.post(`${prefix}authorizeService`, sent(yellow));
    await door.post(`${prefix}notifyTokenUpdated`, sent(fixture('notifyTokenUpdated/suspended')));
    await door.post(`${prefix}requestActivationMethods`, sent(fixture('requestActivationMethods/token-binding')));
    await door.close();
    expect(requests[1], 'about a token that exists').toMatchObject({
      question: 'AUTHENTICATION',
      cardNumber: '5123456789012346',
      tokenType: 'CARD_ON_FILE',
      deviceScore: 4,
      recommendation: 'APPROVED',
    });
    expect(requests).toHaveLength(2);
    expect(requests.slice(0, 1)).toEqual([
      {
        question: 'PROVISIONING',
        network: 'MDES',
        cardNumber: '5123456789012346',
        wallet: 'APPLE',
        tokenRequestorId: '50110030273',
        tokenType: 'SECURE_ELEMENT',
        panSource: 'ACCOUNT_ADDED_MANUALLY',
        deviceScore: 3,
        accountScore: 2,
        phoneNumberScore: 4,
        recommendation: 'AUTHENTICATE',
        recommendationReasons: ['ACCOUNT_CARD_TOO_NEW'],
      },
    ]);
  });

  it('is told in MDES’ words only, where the policy has Visa’s too', async () => {
    const productId = '0123456789abcdef0123456789abcdef';
    const verdict = { decision: 'DECLINED', methods: [], declineReason: '41', productId, rule: 'it' } as const;
    const door = deciding({ decide: () => Promise.resolve(verdict) });
    const answer = await door.post(`${prefix}authorizeService`, sent(yellow));
    expect(JSON.parse(answer.text)).toEqual({
      responseId: yellow.body.requestId,
      services: ['DIGITIZATION'],
      decision: 'DECLINED',
    });
    await door.close();
  });

  it('is not asked for about a request that is not whole', async () => {
    const door = deciding({ decide: () => Promise.reject(new Error('It was asked.')) });
    const { correlationId: _, ...body } = yellow.body;
    const answer = await door.post(`${prefix}authorizeService`, sent({ ...yellow, body }));
    expect(JSON.parse(answer.text).errorCode).toBe('MISSING_REQUIRED_FIELD');
    await door.close();
  });

  it('that cannot be had is a fault of ours: MDES is told, and the request is put aside', async () => {
    const door = deciding({ decide: () => Promise.reject(new Error('5123456789012346 is unknown')) });
    const answer = await door.post(`${prefix}authorizeService`, sent(yellow));
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toEqual({
      responseId: yellow.body.requestId,
      errorCode: 'INTERNAL_SERVICE_FAILURE',
      errorDescription: expect.any(String),
    });
    expect(door.letters().map(({ reasonCode }) => reasonCode)).toEqual(['INTERNAL']);
    expect(`${answer.text}${door.kept()}`).not.toContain('5123456789012346');
    await door.close();
  });

  it('is not taken again when a dead letter is redriven: nobody hears it', async () => {
    const written: unknown[] = [];
    const door = createMdesDoor({
      codec: { encode: (_type, value) => Buffer.from(JSON.stringify(value)) },
      sealer: edge.sealer,
      keys: parseMdesKeys(mdes.keys),
      decisions: { decide: () => Promise.reject(new Error('It was asked.')) },
      cardholders: directoryOf([]),
      write: async (records) => void written.push(...records.map(({ value }) => JSON.parse(String(value)))),
    });
    const taken = await door.take({
      body: Buffer.from(sent(yellow)),
      contentType: undefined,
      headers: {},
      receivedAt: now,
      sender: undefined,
      target: 'authorizeService',
      redriveOf: 'letter-1',
    });
    if (!taken.ok) throw new Error(taken.rejection.code);
    await taken.commit();
    const [fact] = factsOf(written[0] as Parameters<typeof factsOf>[0]);
    expect(fact).toMatchObject({ kind: 'PROVISIONING_REQUESTED', receivedAt: now });
    expect(fact?.decision).toBeUndefined();
  });
});

it('a notice of more tokens than one message may hold is refused as a whole', async () => {
  const tokens = Array.from({ length: 201 }, (_, i) => ({ tokenUniqueReference: `D${i}`, status: 'ACTIVE' }));
  const body = { requestId: 'r', reasonCode: 'STATUS_UPDATE', tokens };
  expect(JSON.parse((await edge.post('notifyTokenUpdated', JSON.stringify(body))).text)).toMatchObject({
    errorCode: 'INVALID_FIELD_VALUE',
    errorDescription: 'tokens names more than 200 tokens',
  });
  await edge.post('notifyTokenUpdated', JSON.stringify({ ...body, tokens: tokens.slice(1) }));
  expect(edge.messages().flatMap(factsOf)).toHaveLength(200);
});

it('a sender’s own reference of a card is not believed', async () => {
  const body = {
    ...yellow.body,
    fundingAccountInfo: { ...(yellow.body.fundingAccountInfo as Json), card: { ref: 'pan:x' } },
  };
  await edge.post('authorizeService', sent({ ...yellow, body }));
  expect(edge.messages()[0]?.fields['fundingAccountInfo.card.ref']).toBe(
    edge.sealer.cardReference('5123456789012346').ref,
  );
});

describe('whatever comes', () => {
  const pan = '5123456789012346';
  /** What is recognised wherever it stands; the code and the names only where they belong. */
  const canaries = [pan, 'jane.doe@example.com', '+447700900123', '5123 4567 8901 2346'];
  const anywhere = fc.constantFrom(...canaries);
  const operation = fc.constantFrom<string>(...mdesOperations, 'nothing', 'issuerServices/1/0/authorizeService');
  /** Secrets of the fixtures, which must come out nowhere but sealed. */
  const secrets = [
    ...canaries,
    '12345678',
    '5204240000000013',
    'DOE/JANE',
    '1 Test Street',
    '192.0.2.10',
    '5555550100',
  ];

  const holds = async (target: string, text: string, requestId: unknown) => {
    edge.clear();
    const answer = await edge.post(target, text);
    expect([200, 404]).toContain(answer.status);
    expect(edge.messages().length + edge.letters().length, 'taken or put aside').toBe(1);
    const [message] = edge.messages();
    if (answer.status === 200 && message === undefined) {
      expect(JSON.parse(answer.text)).toEqual({
        responseId: expect.any(String),
        errorCode: expect.stringMatching(/^[A-Z_]+$/),
        errorDescription: expect.any(String),
      });
    }
    if (message !== undefined) factsOf(message);
    const kept = edge.kept();
    // MDES gets the id of its request back, whatever it is.
    const told = answer.text.replace(String(requestId).trim(), '');
    for (const secret of secrets) {
      expect(kept, 'what was written').not.toContain(secret);
      expect(told, 'the answer').not.toContain(secret);
    }
  };

  it('as JSON is answered, taken or put aside, and shows nothing', async () => {
    const json = fc.oneof(
      fc.json(),
      fc.string(),
      fc
        .dictionary(fc.oneof(fc.string(), anywhere), fc.oneof(anywhere, fc.jsonValue()))
        .map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(operation, json, async (target, text) => {
        const { requestId } = Object(parsed(text)) as { requestId?: unknown };
        await holds(target, text, requestId);
      }),
      { numRuns: 400 },
    );
  });

  it('as a request with a part of it changed is answered, taken or put aside, and shows nothing', async () => {
    const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('request.json'))
      .map((path) => path.slice(0, -'/request.json'.length));
    const requests = paths
      .map((path) => ({ operation: path.split('/')[0] as string, ...fixture(path) }))
      .filter(({ body, operation: name }) => body !== undefined && name !== 'refused');
    const value = fc.oneof(anywhere, fc.jsonValue(), fc.constant(undefined));
    const change = fc.record({ at: fc.nat(), to: value });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...requests),
        fc.array(change, { maxLength: 3 }),
        fc.array(change, { maxLength: 2 }),
        async (request, outside, inside) => {
          const opened = inside.reduce<unknown>((whole, { at, to }) => changed(whole, at, to), request.opened) as Json;
          const body = outside.reduce<unknown>((whole, { at, to }) => changed(whole, at, to), request.body) as Json;
          const text = JSON.stringify(withEnvelopesWhereTheyFit(body, opened));
          await holds(request.operation, text, (parsed(text) as Json).requestId);
        },
      ),
      { numRuns: 400 },
    );
  });
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A change may have taken away the place of an envelope, or the envelope. */
function withEnvelopesWhereTheyFit(body: Json, opened: Json): Json {
  try {
    return mdes.withEnvelopes(body, opened);
  } catch {
    return body;
  }
}

/** The value with its `at`th leaf or branch replaced by `to`, or taken away where that is undefined. */
function changed(value: unknown, at: number, to: unknown): unknown {
  const places = [...placesOf(value, [])];
  const place = places[at % Math.max(places.length, 1)];
  return place === undefined ? value : replaced(value, place, to);
}

function* placesOf(value: unknown, at: readonly string[]): Generator<readonly string[]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    yield [...at, name];
    yield* placesOf(inner, [...at, name]);
  }
}

function replaced(value: unknown, [step, ...rest]: readonly string[], to: unknown): unknown {
  if (step === undefined || typeof value !== 'object' || value === null) return to;
  const copy: Record<string, unknown> = { ...value };
  const next = rest.length === 0 ? to : replaced(copy[step], rest, to);
  if (next === undefined) delete copy[step];
  else copy[step] = next;
  return Array.isArray(value) ? Object.values(copy) : copy;
}
