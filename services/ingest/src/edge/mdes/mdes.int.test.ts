/** Every operation of MDES, over a socket and encrypted as MDES encrypts, ends in the facts it states; on real Kafka, registry and MongoDB. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DeadLetter, TokenFact } from '@tokenline/domain';
import { ehiMessages, ehiToken } from '@tokenline/domain/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Deployed, deploy, eventually, type Running, readTopic, start } from '../../given.js';
import { type Json, newMdes, prefix } from './given.js';

const folder = resolve(import.meta.dirname, '../../../fixtures/mdes');
const mdes = newMdes();
const stranger = newMdes();
const reference = 'DAPLMC00000000001f0e2d3c4b5a49788796a5b4c3d2e1f0';

let deployed: Deployed;
let running: Running;
let base: string;
beforeAll(async () => {
  const fresh = await deploy();
  deployed = { ...fresh, config: { ...fresh.config, mdesKeys: mdes.keys } };
  running = await start(deployed);
  base = await running.listen();
});
afterAll(async () => {
  await running?.stop();
  await deployed?.drop();
});

async function post(path: string, body: unknown): Promise<{ readonly status: number; readonly body: Json }> {
  const answer = await fetch(base + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Json };
}

/** Sends a fixture's request, encrypted, with some of its fields changed. */
async function send(path: string, changes: Json = {}, by = mdes) {
  const read = (name: string) => JSON.parse(readFileSync(join(folder, path, name), 'utf8'));
  const { body, target } = read('request.json');
  let opened = {};
  try {
    opened = read('opened.json');
  } catch {}
  const fresh = withoutEnd(opened);
  return post(prefix + target, by.withEnvelopes({ ...body, ...changes }, fresh));
}

/** Card data without the time after which they do not count: the door's clock is today's. */
function withoutEnd(opened: Json): Json {
  return JSON.parse(JSON.stringify(opened, (name, value) => (name === 'dataValidUntilTimestamp' ? undefined : value)));
}

const factsNamed = (ids: readonly string[]): Promise<readonly TokenFact[]> =>
  eventually(`facts ${ids}`, async () => {
    const all = await readTopic(deployed, 'token.facts', 'tokenline.facts.TokenFact');
    const mine = ids.map((id) => all.find(({ value }) => value.factId === id)?.value);
    return mine.every((fact) => fact !== undefined) ? mine : undefined;
  });

it('a manual provisioning and what follows is one token’s life', async () => {
  const steps: readonly (readonly [path: string, factId: string, kind: string, answer: Json])[] = [
    [
      'authorizeService/yellow',
      'mdes:authorizeService:a1f0c2d4-0001-4a5b-9c6d-000000000001',
      'PROVISIONING_REQUESTED',
      { decision: 'REQUIRE_ADDITIONAL_AUTHENTICATION', services: ['DIGITIZATION'] },
    ],
    [
      'requestActivationMethods/before-activation',
      'mdes:requestActivationMethods:a1f0c2d4-0010-4a5b-9c6d-000000000010',
      'NOTED',
      { activationMethods: [expect.objectContaining({ type: 'TEXT_TO_CARDHOLDER_NUMBER' })] },
    ],
    [
      'deliverActivationCode/sms',
      'mdes:deliverActivationCode:a1f0c2d4-0020-4a5b-9c6d-000000000020',
      'ACTIVATION_CODE_ISSUED',
      {},
    ],
    [
      'validateActivationCode/no-code-of-ours',
      'mdes:validateActivationCode:a1f0c2d4-0030-4a5b-9c6d-000000000030',
      'AUTHENTICATION_FAILED',
      { result: 'EXPIRED_CODE' },
    ],
    [
      'notifyServiceActivated/device-wallet',
      `mdes:notifyServiceActivated:${reference}:${Date.UTC(2026, 10, 20, 10, 36, 41, 507)}`,
      'DEVICE_PROVISIONED',
      {},
    ],
    [
      'notifyTokenUpdated/suspended',
      'mdes:notifyTokenUpdated:a1f0c2d4-0050-4a5b-9c6d-000000000050:0',
      'TOKEN_SUSPENDED',
      {},
    ],
    [
      'notifySuspiciousEvents/replenish',
      'mdes:notifySuspiciousEvents:a1f0c2d4-0070-4a5b-9c6d-000000000070',
      'NOTED',
      {},
    ],
    [
      'getAccountInformation/token',
      'mdes:getAccountInformation:a1f0c2d4-0080-4a5b-9c6d-000000000080',
      'NOTED',
      { encryptedPayload: expect.anything() },
    ],
  ];
  for (const [path, , , expected] of steps) {
    const { status, body } = await send(path);
    expect(status, path).toBe(200);
    expect(body, path).toEqual({ responseId: expect.any(String), ...expected, ...only(body, 'activationMethods') });
    expect(body, path).toMatchObject(expected);
    if (path.startsWith('getAccountInformation')) {
      expect(mdes.decrypted(body.encryptedPayload)).toEqual({ accountStatus: 'UNKNOWN' });
    }
  }
  const facts = await factsNamed(steps.map(([, factId]) => factId));
  expect(facts.map(({ kind }) => kind)).toEqual(steps.map(([, , kind]) => kind));
  expect(new Set(facts.map(({ tokenId }) => tokenId)).size, 'one token').toBe(1);
  const code = facts.find(({ kind }) => kind === 'ACTIVATION_CODE_ISSUED')?.activation;
  expect(code, 'the code itself is in no fact').toEqual({ method: 'SMS', expiresAt: Date.UTC(2026, 10, 20, 10, 55) });
});

it('what EHI reports of the same token joins it', async () => {
  const token = ehiToken(901, { creator: 'MC-MDES', reference });
  const message = ehiMessages.tcn(token, 90_101, 'A');
  expect((await post('/v1/inbound/thredd/ehi', message)).status).toBe(200);
  const [own, relayed] = await factsNamed([
    'mdes:authorizeService:a1f0c2d4-0001-4a5b-9c6d-000000000001',
    'thredd-ehi:90101',
  ]);
  expect(relayed?.tokenId).toBe(own?.tokenId);
});

it('a message for a key that is not held yet is put aside, and redriven once it is', async () => {
  const requestId = 'a1f0c2d4-0777-4a5b-9c6d-000000000777';
  const { body } = await send('notifyServiceActivated/merchant-token', { requestId }, stranger);
  expect(body).toEqual({
    responseId: requestId,
    errorCode: 'CRYPTOGRAPHY_ERROR',
    errorDescription: 'Unable to decrypt payload',
  });
  const letters = await readTopic(deployed, 'token.dead-letters', 'tokenline.deadletters.DeadLetter');
  const letter = letters.find(({ value }) => value.reasonCode === 'WRONG_KEY')?.value ?? expect.fail();
  expect(letter).toMatchObject({ source: 'mdes', operation: 'notifyServiceActivated', stage: 'EDGE' });
  await keep(letter);

  const config = { ...deployed.config, mdesKeys: bothKeys() };
  const rotated = await start({ ...deployed, config }, { reading: false });
  const answer = await rotated.post('/v1/dead-letters/redrive', { ids: [letter.deadLetterId] });
  expect(answer.json()).toMatchObject({ redriven: 1, failed: 0 });
  await rotated.stop();
  const at = Date.UTC(2026, 10, 20, 10, 36, 41, 507);
  const shop = 'DWSPMC0000000000ffeeddccbbaa99887766554433221100';
  const [fact] = await factsNamed([`mdes:notifyServiceActivated:${shop}:${at}`]);
  expect(fact).toMatchObject({ kind: 'DEVICE_PROVISIONED', tokenType: 'CARD_ON_FILE', receivedAt: letter.receivedAt });
});

/** Old and new keys side by side. */
function bothKeys(): string {
  const [old, fresh] = [mdes, stranger].map(({ keys }) => JSON.parse(keys));
  return JSON.stringify({ ...old, own: [...old.own, ...fresh.own] });
}

/** Stands for the projector, which keeps dead letters in MongoDB. */
async function keep({ deadLetterId, receivedAt, failedAt, origin: _origin, ...rest }: DeadLetter): Promise<void> {
  await deployed.collections.deadLetters.insertOne({
    ...rest,
    _id: deadLetterId,
    contentType: rest.contentType ?? '',
    original: rest.original ?? '',
    receivedAt: new Date(receivedAt),
    failedAt: new Date(failedAt),
    occurrences: [],
    state: 'OPEN',
    watermarks: {},
  });
}

function only(body: Json, name: string): Json {
  return Object.hasOwn(body, name) ? { [name]: body[name] } : {};
}
