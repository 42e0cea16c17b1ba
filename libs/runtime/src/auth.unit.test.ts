import Fastify from 'fastify';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { authHook, refusalCounter } from './auth.js';
import type { Config } from './config.js';
import { readSenders } from './senders.js';

const key = '0123456789abcdef';
const senders = readSenders(
  {
    senders: JSON.stringify({ narrow: { apiKey: 'the-key-of-narrow-001', doors: ['mdes'], addresses: ['127.0.0.1'] } }),
    apiKeys: `tsp=${key},console=fedcba9876543210`,
  },
  [],
);

async function ask(
  config: Pick<Config, 'mode' | 'senders'>,
  { headers = {}, remoteAddress = '127.0.0.1', url = '/v1/x' } = {},
) {
  const metrics = new Registry();
  const app = Fastify();
  app.addHook('onRequest', authHook(config, { open: ['/docs'], onRefusal: refusalCounter(metrics) }));
  const sender = (request: { sender?: string }) => ({ sender: request.sender ?? null });
  for (const path of ['/v1/x', '/healthz', '/docs/static/x', '/docsx']) app.get(path, sender);
  app.get('/v1/mdes', { config: { door: 'mdes' } }, sender);
  app.get('/v1/facts', { config: { door: 'facts' } }, sender);
  const response = await app.inject({ url, headers, remoteAddress });
  await app.close();
  return {
    status: response.statusCode,
    body: response.json(),
    type: response.headers['content-type'],
    counted: (await metrics.getSingleMetricAsString('tokenline_door_refusals_total')).split('\n').slice(2).join('\n'),
  };
}

describe('a door in local mode', () => {
  const local = { mode: 'local', senders } as const;

  it('lets loopback in without a key, over IPv4, IPv6 and IPv4 mapped into IPv6', async () => {
    for (const remoteAddress of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
      expect(await ask(local, { remoteAddress })).toMatchObject({ status: 200, body: { sender: null } });
    }
  });

  it('asks everyone else for a key', async () => {
    const remoteAddress = '10.0.0.7';
    expect(await ask(local, { remoteAddress })).toMatchObject({ status: 401 });
    expect(await ask(local, { remoteAddress, headers: { 'x-api-key': key } })).toMatchObject({
      body: { sender: 'tsp' },
    });
  });

  it('does not overlook a wrong key, even from loopback', async () => {
    expect(await ask(local, { headers: { 'x-api-key': 'wrong' } })).toMatchObject({ status: 403 });
  });
});

describe('a door in production', () => {
  const production = { mode: 'production', senders } as const;

  it('knows the sender by the key, in either header', async () => {
    const bearer = await ask(production, { headers: { authorization: `Bearer ${key}` } });
    expect(bearer).toMatchObject({ status: 200, body: { sender: 'tsp' }, counted: '' });
    const header = await ask(production, { headers: { 'x-api-key': 'fedcba9876543210' } });
    expect(header).toMatchObject({ status: 200, body: { sender: 'console' } });
  });

  it.each([
    ['without a key', {}, 401, 'CREDENTIALS_MISSING', ''],
    ['with another scheme', { headers: { authorization: `Basic ${key}` } }, 401, 'CREDENTIALS_MISSING', ''],
    ['with a wrong key', { headers: { authorization: 'Bearer not-a-key' } }, 403, 'CREDENTIALS_REFUSED', ''],
    [
      'from another address',
      { headers: { 'x-api-key': 'the-key-of-narrow-001' }, remoteAddress: '10.0.0.7', url: '/v1/mdes' },
      403,
      'ADDRESS_NOT_ALLOWED',
      'narrow',
    ],
    [
      'at another door',
      { headers: { 'x-api-key': 'the-key-of-narrow-001' }, url: '/v1/facts' },
      403,
      'DOOR_NOT_ALLOWED',
      'narrow',
    ],
    [
      'at no door at all',
      { headers: { 'x-api-key': 'the-key-of-narrow-001' }, url: '/v1/none' },
      403,
      'DOOR_NOT_ALLOWED',
      'narrow',
    ],
  ])('refuses a request %s, quotes nothing, and counts it', async (_what, request, status, code, sender) => {
    const answer = await ask(production, request);
    const type = `urn:tokenline:problem:${code.toLowerCase().replaceAll('_', '-')}`;
    expect(answer).toMatchObject({
      status,
      body: { status, type },
      type: expect.stringContaining('application/problem+json'),
    });
    expect(JSON.stringify(answer.body)).not.toMatch(/not-a-key|the-key|narrow|10\.0\.0\.7/);
    expect(answer.counted).toContain(`{reason="${code}",sender="${sender}"} 1`);
  });

  it('lets a sender in at its own door', async () => {
    const headers = { 'x-api-key': 'the-key-of-narrow-001' };
    expect(await ask(production, { headers, url: '/v1/mdes' })).toMatchObject({ body: { sender: 'narrow' } });
  });

  it('keeps health open, and what is named open, but not what only begins like it', async () => {
    expect((await ask(production, { url: '/healthz' })).status).toBe(200);
    expect((await ask(production, { url: '/docs/static/x' })).status).toBe(200);
    expect((await ask(production, { url: '/docsx' })).status).toBe(401);
  });
});
