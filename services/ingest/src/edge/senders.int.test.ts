/** The doors over TLS, on the real log: who may come in where, and that a message is recorded with the sender its credentials prove. */
import { request } from 'node:https';
import { type EhiFields, ehiMessages, ehiToken } from '@tokenline/domain/testing';
import { generateVtsPair } from '@tokenline/envelopes';
import { readSenders } from '@tokenline/runtime';
import { createAuthority, type MadeCertificate } from '@tokenline/runtime/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Deployed, deploy, type Running, readTopic, start } from '../given.js';
import { sealed } from './vts/given.js';

const authority = createAuthority();
const door = authority.issue({ subject: 'door', ips: [[127, 0, 0, 1]] });
const visa = authority.issue({ subject: 'visa', dns: ['visa.example.com'] });
const pair = generateVtsPair();
const key = 'the-key-of-thredd-001';
const senders = readSenders(
  {
    senders: JSON.stringify({
      visa: { certificates: [{ san: 'visa.example.com' }], addresses: ['127.0.0.1'], doors: ['vts'] },
      thredd: { apiKey: key, doors: ['thredd/ehi'] },
      elsewhere: { apiKey: 'the-key-of-elsewhere', addresses: ['203.0.113.0/24'] },
    }),
  },
  [],
);

let deployed: Deployed;
let running: Running;
let port: number;
beforeAll(async () => {
  const fresh = await deploy();
  const tls = { cert: door.cert, key: door.key, clientCa: authority.cert };
  deployed = { ...fresh, config: { ...fresh.config, mode: 'production', senders, tls, vtsKeys: pair.keys } };
  running = await start(deployed, { reading: false });
  port = Number(new URL(await running.listen()).port);
});
afterAll(async () => {
  await running?.stop();
  await deployed?.drop();
});

interface Given {
  readonly client?: MadeCertificate;
  readonly key?: string;
}

function post(
  path: string,
  body: string,
  { client, key: apiKey }: Given = {},
): Promise<{ status?: number; text: string }> {
  return new Promise((done, fail) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...(apiKey !== undefined && { 'x-api-key': apiKey }),
    };
    const options = {
      host: '127.0.0.1',
      port,
      path,
      method: 'POST',
      ca: authority.cert,
      headers,
      agent: false,
      ...client,
    };
    const asked = request(options, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => done({ ...(answer.statusCode !== undefined && { status: answer.statusCode }), text }));
    });
    asked.on('error', fail).end(body);
  });
}

const ehi = '/v1/inbound/thredd/ehi';
const ehiBody = (message: EhiFields) => JSON.stringify(message);
const vts = '/v1/inbound/vts/v2/tokenRequestors/40010075001/tokens/DNITHE000000000000000909/approveProvisioning';
const vtsBody = () =>
  sealed(
    { tokenInfo: { tokenType: 'HCE' } },
    { cardholderInfo: { primaryAccountNumber: '4111111111111111' } },
    pair.sender,
    Date.now(),
  );

it('a sender comes in by what it has, and its messages carry its name', async () => {
  expect(await post(vts, await vtsBody(), { client: visa })).toMatchObject({ status: 200 });
  expect(await post(ehi, ehiBody(ehiMessages.tar(ehiToken(909), 90_901, '00')), { key })).toMatchObject({
    status: 200,
  });
  const messages = await readTopic(deployed, 'tsp.inbound', 'tokenline.inbound.InboundMessage');
  expect(messages.map(({ value }) => [value.source, value.sender]).sort()).toEqual([
    ['thredd-ehi', 'thredd'],
    ['vts', 'visa'],
  ]);
});

it('refusals come before a network’s own form is known: problem+json at every door, nothing kept, counted by reason', async () => {
  const body = ehiBody(ehiMessages.tar(ehiToken(910), 91_001, '00'));
  for (const [path, given, status, type] of [
    [vts, {}, 401, 'credentials-missing'],
    ['/v1/inbound/mdes/authorizeService', {}, 401, 'credentials-missing'],
    [vts, { key: 'not-a-key-of-anybody' }, 403, 'credentials-refused'],
    [ehi, { client: visa }, 403, 'door-not-allowed'],
    ['/v1/%66acts', { key }, 403, 'door-not-allowed'],
    ['/v1/dead-letters/redrive', { key }, 403, 'door-not-allowed'],
    [ehi, { key: 'the-key-of-elsewhere' }, 403, 'address-not-allowed'],
  ] as const) {
    const answer = await post(path, body, given);
    expect(answer.status, path).toBe(status);
    expect(JSON.parse(answer.text)).toMatchObject({ status, type: `urn:tokenline:problem:${type}` });
  }
  const counted = await running.metrics.getSingleMetricAsString('tokenline_door_refusals_total');
  expect(counted).toContain('{reason="DOOR_NOT_ALLOWED",sender="thredd"} 2');
  expect(counted).toContain('{reason="ADDRESS_NOT_ALLOWED",sender="elsewhere"} 1');
  expect(counted).toContain('{reason="CREDENTIALS_MISSING",sender=""} 2');
  const letters = await readTopic(deployed, 'token.dead-letters', 'tokenline.deadletters.DeadLetter');
  expect(letters).toEqual([]);
});
