import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { authHook } from './auth.js';
import type { Config } from './config.js';

const key = '0123456789abcdef';

async function ask(
  config: Pick<Config, 'mode' | 'apiKeys'>,
  { headers = {}, remoteAddress = '127.0.0.1', url = '/v1/x' } = {},
) {
  const app = Fastify();
  app.addHook('onRequest', authHook(config, ['/docs']));
  const sender = (request: { sender?: string }) => ({ sender: request.sender ?? null });
  for (const path of ['/v1/x', '/healthz', '/docs/static/x', '/docsx']) app.get(path, sender);
  const response = await app.inject({ url, headers, remoteAddress });
  await app.close();
  return { status: response.statusCode, body: response.json(), type: response.headers['content-type'] };
}

describe('a door in local mode', () => {
  const local = { mode: 'local', apiKeys: { tsp: key } } as const;

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
  const production = { mode: 'production', apiKeys: { tsp: key, console: 'fedcba9876543210' } } as const;

  it('knows the sender by the key, in either header', async () => {
    const bearer = await ask(production, { headers: { authorization: `Bearer ${key}` } });
    expect(bearer).toMatchObject({ status: 200, body: { sender: 'tsp' } });
    const header = await ask(production, { headers: { 'x-api-key': 'fedcba9876543210' } });
    expect(header).toMatchObject({ status: 200, body: { sender: 'console' } });
  });

  it('answers 401 without and 403 with a wrong key, as problem+json that quotes nothing', async () => {
    const without = await ask(production);
    expect(without).toMatchObject({ status: 401, body: { type: 'urn:tokenline:problem:credentials-missing' } });
    expect(without.type).toContain('application/problem+json');
    const wrong = await ask(production, { headers: { authorization: 'Bearer not-a-key' } });
    expect(wrong).toMatchObject({ status: 403, body: { status: 403 } });
    expect(JSON.stringify(wrong.body)).not.toContain('not-a-key');
  });

  it('keeps health open, and what is named open, but not what only begins like it', async () => {
    expect((await ask(production, { url: '/healthz' })).status).toBe(200);
    expect((await ask(production, { url: '/docs/static/x' })).status).toBe(200);
    expect((await ask(production, { url: '/docsx' })).status).toBe(401);
  });
});
