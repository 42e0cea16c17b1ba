/** Senders over real TLS sockets: what a certificate proves, and what an unverified one does not. Certificates are made here. */
import { request } from 'node:https';
import { connect, type SecureContextOptions, type TLSSocket } from 'node:tls';
import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authHook } from './auth.js';
import { loadConfig } from './config.js';
import { createAuthority, type MadeCertificate } from './testing/index.js';
import { httpsOptions } from './tls.js';

const authority = createAuthority('Authority of senders');
const door = authority.issue({ subject: 'door', dns: ['localhost'], ips: [[127, 0, 0, 1]] });
const visa = authority.issue({ subject: 'visa', dns: ['visa.example.com'] });
const unlisted = authority.issue({ subject: 'somebody' });
const expired = authority.issue({
  subject: 'visa',
  dns: ['visa.example.com'],
  notBefore: Date.now() - 2_000_000,
  notAfter: Date.now() - 1_000_000,
});
const selfMade = createAuthority('Authority of nobody').issue({ subject: 'visa', dns: ['visa.example.com'] });
const keys = { thredd: 'the-key-of-thredd-001', both: 'the-key-of-both-00001', far: 'the-key-of-far-000001' };

const config = loadConfig({
  TOKENLINE_MODE: 'production',
  TOKENLINE_KAFKA_BROKERS: '127.0.0.1:1',
  TOKENLINE_SCHEMA_REGISTRY_URL: 'http://127.0.0.1:1',
  TOKENLINE_MONGODB_URI: 'mongodb://127.0.0.1:1',
  TOKENLINE_SEALING_KEYS: '{}',
  TOKENLINE_TLS_CERT: door.cert,
  TOKENLINE_TLS_KEY: door.key,
  TOKENLINE_TLS_CLIENT_CA: authority.cert,
  TOKENLINE_API_KEYS: `thredd=${keys.thredd}`,
  TOKENLINE_SENDERS: JSON.stringify({
    visa: { certificates: [{ san: 'visa.example.com' }] },
    both: { apiKey: keys.both, certificates: [{ san: 'visa.example.com' }] },
    far: { apiKey: keys.far, addresses: ['203.0.113.0/24', '::/0'] },
  }),
});

let port = 0;
const app = Fastify({ ...httpsOptions(config.tls) });
app.addHook('onRequest', authHook(config));
for (const path of ['/v1/x', '/healthz']) app.get(path, (asked) => ({ sender: asked.sender ?? null }));
beforeAll(async () => {
  port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
});
afterAll(() => app.close());

/** What a client with this certificate and this key is told: the sender it is taken for, or the status it is refused with. */
function ask(client?: MadeCertificate, key?: string, path = '/v1/x'): Promise<unknown> {
  return new Promise((done, fail) => {
    const options = {
      host: '127.0.0.1',
      port,
      path,
      ca: authority.cert,
      agent: false,
      ...(client !== undefined && { cert: client.cert, key: client.key }),
      ...(key !== undefined && { headers: { authorization: `Bearer ${key}` } }),
    } as const;
    const asked = request(options, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => done(answer.statusCode === 200 ? JSON.parse(text).sender : answer.statusCode));
    });
    asked.on('error', fail).end();
  });
}

describe('over TLS, a sender', () => {
  it('is known by its certificate, by its key, or by both where it states both', async () => {
    expect(await ask(visa)).toBe('visa');
    expect(await ask(undefined, keys.thredd)).toBe('thredd');
    expect(await ask(unlisted, keys.thredd)).toBe('thredd');
    expect(await ask(visa, keys.both)).toBe('both');
  });

  it('is refused with less than it states, or with a certificate nobody is known by', async () => {
    expect(await ask(undefined, keys.both)).toBe(403);
    expect(await ask(unlisted)).toBe(403);
    expect(await ask(visa, 'not-a-key-of-anybody')).toBe(403);
  });

  it('has no certificate as long as it is not verified: another authority’s, or one that has lapsed', async () => {
    for (const certificate of [selfMade, expired]) {
      expect(await ask(certificate)).toBe(401);
      expect(await ask(certificate, keys.both)).toBe(403);
      expect(await ask(certificate, keys.thredd)).toBe('thredd');
    }
    expect(await ask()).toBe(401);
  });

  it('comes in from its own addresses, over IPv4 whatever is allowed over IPv6', async () => {
    expect(await ask(undefined, keys.far)).toBe(403);
  });

  it('needs nothing for health', async () => {
    expect(await ask(undefined, undefined, '/healthz')).toBe(null);
  });
});

describe('a connection', () => {
  interface Opened {
    readonly socket: TLSSocket;
    /** What to resume with; with TLS 1.2 it comes before the connection is said to stand. */
    readonly session: Promise<Buffer>;
  }

  function open(options: SecureContextOptions & { readonly session?: Buffer }): Promise<Opened> {
    return new Promise((done, fail) => {
      const socket = connect({ host: '127.0.0.1', port, ca: authority.cert, ...options });
      const session = new Promise<Buffer>((got) => socket.once('session', got));
      socket.on('secureConnect', () => done({ socket, session })).on('error', fail);
    });
  }

  function answerOver(socket: TLSSocket): Promise<string> {
    return new Promise((done) => {
      let text = '';
      socket.setEncoding('latin1').on('data', (part: string) => {
        text += part;
      });
      socket.on('end', () => done(text));
      socket.write('GET /v1/x HTTP/1.1\r\nhost: door\r\nconnection: close\r\n\r\n');
    });
  }

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'resumed in %s proves what the first one proved: nothing without a certificate',
    async (version) => {
      for (const [client, expected] of [
        [{}, '401 '],
        [selfMade, '401 '],
        [visa, '"sender":"visa"'],
      ] as const) {
        const options = { ...client, minVersion: version, maxVersion: version };
        const first = await open(options);
        await answerOver(first.socket);
        const { socket: again } = await open({ ...options, session: await first.session });
        expect(again.isSessionReused()).toBe(true);
        expect(await answerOver(again)).toContain(expected);
      }
    },
  );

  it('below TLS 1.2 is not made', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await expect(open(old)).rejects.toThrow();
  });

  it('without TLS gets no answer', async () => {
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
  });
});
