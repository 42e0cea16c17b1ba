/**
 * The contract fixtures of fixtures/mdes, all of them: each request, encrypted as its file says, is answered, recorded and understood as its files say.
 * With TOKENLINE_WRITE_FIXTURES=1 the outcome is written instead of compared: to be read before it is committed.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { mdesOperations } from '@tokenline/domain';
import { createSealer, parseKeySet } from '@tokenline/sealing';
import type { CardholderDoc } from '@tokenline/store';
import { expect, it } from 'vitest';
import { parsePolicy, safePolicy } from '../../decision/policy.js';
import { sealingKeys, shownFact, shownSealed } from '../given.js';
import { type Encryption, factsOf, type Json, newMdes, startMdes } from './given.js';

interface Request {
  readonly about: string;
  /** Behind /v1/inbound/mdes/. */
  readonly target: string;
  /** ISO 8601. */
  readonly receivedAt: string;
  readonly body?: Json;
  /** The body as it is, where it is no JSON. */
  readonly raw?: string;
  /** How the parts in opened.json are encrypted, where that is not the usual. */
  readonly envelope?: Encryption;
  readonly policy?: object;
  /** The holder of the card of all fixtures, where known. */
  readonly cardholder?: { readonly phone?: string };
  /** Characters added to the body. */
  readonly padding?: number;
  readonly unconfigured?: true;
}

const folder = resolve(import.meta.dirname, '../../../fixtures/mdes');
const cases = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => basename(path) === 'request.json')
  .map((path) => dirname(path))
  .sort();
const writing = process.env.TOKENLINE_WRITE_FIXTURES === '1';
const mdes = newMdes();
const sealer = createSealer(parseKeySet(sealingKeys));

it('there are fixtures for every operation, and negative ones', () => {
  expect(new Set(cases.map((path) => path.split('/')[0]))).toEqual(new Set([...mdesOperations, 'refused']));
});

it.each(cases)('%s', async (path) => {
  const read = (name: string): unknown => {
    const file = join(folder, path, name);
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  };
  const request = read('request.json') as Request;
  const opened = (read('opened.json') ?? {}) as Json;
  const edge = startMdes({
    mdes,
    policy: request.policy === undefined ? safePolicy : parsePolicy(JSON.stringify(request.policy)),
    cardholders: await directory(request),
    now: () => Date.parse(request.receivedAt),
    configured: request.unconfigured !== true,
  });
  const body = request.raw ?? JSON.stringify(mdes.withEnvelopes(request.body ?? {}, opened, request.envelope));
  const answer = await edge.post(request.target, body + ' '.repeat(request.padding ?? 0));
  const { encryptedPayload, ...answered } = JSON.parse(answer.text);
  const [letter] = edge.letters();
  const response = {
    status: answer.status,
    body: encryptedPayload === undefined ? answered : { ...answered, encryptedPayload: '<envelope>' },
    ...(encryptedPayload !== undefined && { opened: { encryptedPayload: mdes.decrypted(encryptedPayload) } }),
    ...(letter !== undefined && {
      deadLetter: { operation: letter.operation, reasonCode: letter.reasonCode, errors: letter.errors },
    }),
  };
  if (request.raw !== undefined) response.body.responseId = '<an id of ours>';
  const [message] = edge.messages();
  const recorded = message && {
    clear: sorted(message.fields),
    sealed: sorted(await valuesOf(message.sealed, (sealed) => shownSealed(sealed, sealer))),
  };
  const facts = await Promise.all(
    edge
      .messages()
      .flatMap(factsOf)
      .map((fact) => shownFact(fact, sealer)),
  );
  const kept = edge.kept();
  await edge.close();

  expect(edge.letters().length + edge.messages().length, 'taken or put aside, and once').toBeLessThanOrEqual(1);
  for (const secret of secretsOf(opened)) {
    expect(kept, 'what was written').not.toContain(secret);
    expect(answer.text, 'the answer').not.toContain(secret);
  }
  const outcome = { 'response.json': response, 'recorded.json': recorded, 'facts.json': facts };
  for (const [name, is] of Object.entries(outcome)) {
    if (writing && is !== undefined) writeFileSync(join(folder, path, name), `${JSON.stringify(is, null, 2)}\n`);
    else expect(is, `${path}/${name}`).toEqual(read(name));
  }
});

async function directory({ cardholder }: Request): Promise<readonly CardholderDoc[]> {
  if (cardholder?.phone === undefined) return [];
  const phoneSealed = await sealer.seal('contact', cardholder.phone);
  return [{ _id: sealer.cardReference('5123456789012346').ref, phoneSealed, updatedAt: new Date(0) }];
}

/** Every text of five characters or more that was encrypted and is no word of MDES, no time and no expiry. */
function secretsOf(value: unknown, name = ''): readonly string[] {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) => secretsOf(inner, key));
  }
  const plain = ['source', 'dataValidUntilTimestamp'].includes(name);
  return typeof value === 'string' && value.length >= 5 && !plain ? [value] : [];
}

function sorted(values: Readonly<Record<string, unknown>>): Json {
  return Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function valuesOf<T>(
  values: Readonly<Record<string, string>>,
  change: (value: string) => Promise<T>,
): Promise<Readonly<Record<string, T>>> {
  return Object.fromEntries(
    await Promise.all(Object.entries(values).map(async ([name, value]) => [name, await change(value)] as const)),
  );
}
