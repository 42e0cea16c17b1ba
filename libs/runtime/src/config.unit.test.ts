import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from './config.js';
import { createAuthority } from './testing/index.js';

const local = {
  TOKENLINE_MODE: 'local',
  TOKENLINE_KAFKA_BROKERS: '127.0.0.1:9092, 127.0.0.1:9093',
  TOKENLINE_SCHEMA_REGISTRY_URL: 'http://127.0.0.1:8081',
  TOKENLINE_MONGODB_URI: 'mongodb://127.0.0.1/?replicaSet=rs0',
  TOKENLINE_SEALING_KEYS: '{}',
};

function problems(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('configuration', () => {
  it('has the contract’s defaults', () => {
    const config = loadConfig(local);
    expect(config).toMatchObject({
      host: '127.0.0.1',
      ports: { ingest: 7401, query: 7400 },
      kafka: { brokers: ['127.0.0.1:9092', '127.0.0.1:9093'], ssl: false, sessionTimeoutMs: 10_000 },
      prefix: '',
      databaseName: 'tokenline',
      ehiTimeZone: 'Europe/London',
    });
  });

  it('puts the prefix before the database name', () => {
    expect(loadConfig({ ...local, TOKENLINE_TOPIC_PREFIX: 'uat-' }).databaseName).toBe('uat-tokenline');
  });

  it('names every variable at fault at once', () => {
    expect(
      problems({
        TOKENLINE_MODE: 'local',
        TOKENLINE_INGEST_PORT: '99999',
        TOKENLINE_EHI_TIME_ZONE: 'Mars/Olympus',
      }).map((p) => p.split(' ')[0]),
    ).toEqual([
      'TOKENLINE_KAFKA_BROKERS',
      'TOKENLINE_EHI_TIME_ZONE',
      'TOKENLINE_INGEST_PORT',
      'TOKENLINE_SCHEMA_REGISTRY_URL',
      'TOKENLINE_MONGODB_URI',
      'TOKENLINE_SEALING_KEYS',
    ]);
  });

  it('refuses to start without credentials outside local mode', () => {
    const { TOKENLINE_MODE: _, ...production } = local;
    expect(problems(production)).toEqual([expect.stringContaining('TOKENLINE_API_KEYS name no sender')]);
    expect(problems({ ...production, TOKENLINE_API_KEYS: ' , ' })).toEqual(problems(production));
    expect(problems({ ...production, TOKENLINE_API_KEYS: 'thredd=short' })).not.toEqual([]);
    expect(loadConfig({ ...production, TOKENLINE_API_KEYS: 'thredd=0123456789abcdef' }).senders).toMatchObject([
      { name: 'thredd' },
    ]);
  });

  it('takes an SMS gateway by https, and in local mode by http', () => {
    const env = { ...local, TOKENLINE_API_KEYS: 'thredd=0123456789abcdef', TOKENLINE_SMS_SECRET: 'a secret' };
    const plain = { ...env, TOKENLINE_SMS_URL: 'http://sms.example/send' };
    expect(loadConfig(plain).notifier).toMatchObject({ smsUrl: 'http://sms.example/send', smsSecret: 'a secret' });
    const wrong = ['TOKENLINE_SMS_URL must be an https:// address, or in local mode an http:// one.'];
    expect(problems({ ...plain, TOKENLINE_MODE: 'production' })).toEqual(wrong);
    expect(problems({ ...env, TOKENLINE_SMS_URL: 'sms.example' })).toEqual(wrong);
    expect(problems({ ...env, TOKENLINE_MODE: 'production', TOKENLINE_SMS_URL: 'https://sms.example/send' })).toEqual(
      [],
    );
  });

  it('takes whoever pushes, and where the SMS gateway is asked, by https, and in local mode by http', () => {
    const production = { ...local, TOKENLINE_MODE: 'production', TOKENLINE_API_KEYS: 'thredd=0123456789abcdef' };
    const plain = {
      TOKENLINE_PUSH_URL: 'http://push.example',
      TOKENLINE_SMS_STATUS_URL: 'http://sms.example/{reference}',
    };
    expect(problems({ ...local, ...plain })).toEqual([]);
    expect(problems({ ...production, ...plain })).toEqual([
      'TOKENLINE_SMS_STATUS_URL must be an https:// address, or in local mode an http:// one.',
      'TOKENLINE_PUSH_URL must be an https:// address, or in local mode an http:// one.',
    ]);
    expect(problems({ ...local, TOKENLINE_SMS_STATUS_URL: 'https://sms.example/status' })).toEqual([
      'TOKENLINE_SMS_STATUS_URL must name {reference}, where the id of the notice goes.',
    ]);
  });

  it('reads an issuer’s texts from a file, and how long a text message may be', () => {
    expect(problems({ ...local, TOKENLINE_TEMPLATES: '/nowhere.json' })).toEqual([
      'TOKENLINE_TEMPLATES names a file that cannot be read (ENOENT).',
    ]);
    expect(loadConfig(local).notifier.smsSegments).toBe(3);
    expect(problems({ ...local, TOKENLINE_SMS_SEGMENTS: '0' })).not.toEqual([]);
  });

  it('takes the networks’ keys as they are or from a file, the policies from a file', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'tokenline-config-')), 'some.json');
    writeFileSync(file, '{"a":1}');
    expect(
      loadConfig({
        ...local,
        TOKENLINE_MDES_KEYS: '{"b":2}',
        TOKENLINE_VTS_KEYS: `@${file}`,
        TOKENLINE_DECISION_POLICY: file,
        TOKENLINE_NOTICE_POLICY: file,
      }),
    ).toMatchObject({
      mdesKeys: '{"b":2}',
      vtsKeys: '{"a":1}',
      decisionPolicy: '{"a":1}',
      noticePolicy: '{"a":1}',
    });
    rmSync(dirname(file), { recursive: true });
    const lost = { TOKENLINE_VTS_KEYS: `@${file}`, TOKENLINE_DECISION_POLICY: file, TOKENLINE_NOTICE_POLICY: file };
    expect(problems({ ...local, ...lost })).toEqual([
      'TOKENLINE_VTS_KEYS names a file that cannot be read (ENOENT).',
      'TOKENLINE_DECISION_POLICY names a file that cannot be read (ENOENT).',
      'TOKENLINE_NOTICE_POLICY names a file that cannot be read (ENOENT).',
    ]);
    expect(loadConfig(local)).not.toHaveProperty('mdesKeys');
  });

  it.each(['999', '1800001', '6s', '3000.5'])('refuses a consumer session of %s ms', (value) => {
    expect(problems({ ...local, TOKENLINE_KAFKA_SESSION_TIMEOUT_MS: value })).toEqual([
      `TOKENLINE_KAFKA_SESSION_TIMEOUT_MS is '${value}': it must be a whole number from 1000 to 1800000.`,
    ]);
  });

  it('refuses a local door open beyond loopback without credentials, whatever its address looks like', () => {
    for (const TOKENLINE_HOST of ['0.0.0.0', '::', '127.example.com']) {
      expect(problems({ ...local, TOKENLINE_HOST })).toEqual([expect.stringContaining('TOKENLINE_HOST')]);
      expect(problems({ ...local, TOKENLINE_HOST, TOKENLINE_API_KEYS: 'thredd=0123456789abcdef' })).toEqual([]);
    }
  });

  describe('of TLS', () => {
    const authority = createAuthority();
    const { cert, key } = authority.issue({ subject: 'door.example.com' });
    const tls = { TOKENLINE_TLS_CERT: cert, TOKENLINE_TLS_KEY: key };
    const production = { ...local, TOKENLINE_MODE: 'production', TOKENLINE_API_KEYS: 'thredd=0123456789abcdef' };
    const certified = { TOKENLINE_SENDERS: '{"visa": {"certificates": [{"san": "visa.example.com"}]}}' };
    const lone = createAuthority();

    it('is taken as it is or from files, with a whole chain', () => {
      const folder = mkdtempSync(join(tmpdir(), 'tokenline-config-'));
      writeFileSync(join(folder, 'cert.pem'), `A comment\n${cert}${authority.cert}`);
      writeFileSync(join(folder, 'key.pem'), key);
      const env = { TOKENLINE_TLS_CERT: `@${folder}/cert.pem`, TOKENLINE_TLS_KEY: `@${folder}/key.pem` };
      const config = loadConfig({ ...local, ...env, TOKENLINE_TLS_CLIENT_CA: authority.cert, ...certified });
      rmSync(folder, { recursive: true });
      expect(config.tls).toMatchObject({
        cert: expect.stringContaining(authority.cert),
        clientCa: authority.cert.trim(),
      });
      expect(config.senders).toHaveLength(1);
      expect(loadConfig(local)).not.toHaveProperty('tls');
    });

    it.each([
      [
        'a certificate without its key',
        { TOKENLINE_TLS_CERT: cert },
        ['TOKENLINE_TLS_CERT and TOKENLINE_TLS_KEY must be set together.'],
      ],
      [
        'a key without its certificate',
        { TOKENLINE_TLS_KEY: key },
        ['TOKENLINE_TLS_CERT and TOKENLINE_TLS_KEY must be set together.'],
      ],
      [
        'no certificate',
        { ...tls, TOKENLINE_TLS_CERT: key },
        ['TOKENLINE_TLS_CERT is not a list of certificates in PEM.'],
      ],
      [
        'a certificate cut short',
        { ...tls, TOKENLINE_TLS_CERT: cert.replace(/\n.*\n-----END/, '\n-----END') },
        ['TOKENLINE_TLS_CERT is not a list of certificates in PEM.'],
      ],
      ['no key', { ...tls, TOKENLINE_TLS_KEY: cert }, ['TOKENLINE_TLS_KEY is not an unencrypted private key in PEM.']],
      [
        'the key of another',
        { ...tls, TOKENLINE_TLS_KEY: authority.key },
        ['TOKENLINE_TLS_KEY is not the key of the first certificate of TOKENLINE_TLS_CERT.'],
      ],
      [
        'an authority for clients and nothing for itself',
        { TOKENLINE_TLS_CLIENT_CA: lone.cert },
        ['TOKENLINE_TLS_CLIENT_CA needs TOKENLINE_TLS_CERT and TOKENLINE_TLS_KEY.'],
      ],
      [
        'an authority that is none',
        { ...tls, TOKENLINE_TLS_CLIENT_CA: 'none' },
        ['TOKENLINE_TLS_CLIENT_CA is not a list of certificates in PEM.'],
      ],
      [
        'a file that is not there',
        { ...tls, TOKENLINE_TLS_KEY: '@/nowhere/key.pem' },
        [
          'TOKENLINE_TLS_KEY names a file that cannot be read (ENOENT).',
          'TOKENLINE_TLS_CERT and TOKENLINE_TLS_KEY must be set together.',
        ],
      ],
      ['an unknown word', { TOKENLINE_TLS: 'off' }, ["TOKENLINE_TLS is 'off': it can only be 'terminated'."]],
      [
        'an end before us and here',
        { ...tls, TOKENLINE_TLS: 'terminated' },
        ["TOKENLINE_TLS is 'terminated': TLS ends before us then, without TOKENLINE_TLS_CERT."],
      ],
      [
        'certificates of senders that nothing verifies',
        { ...tls, ...certified },
        ['TOKENLINE_TLS_CLIENT_CA is not set: it is what verifies the certificates of visa.'],
      ],
    ])('with %s is refused by variable', (_what, env, expected) => {
      const found = problems({ ...local, ...env });
      expect(found).toEqual(expected);
      expect(found.join()).not.toContain(key.split('\n')[1]);
    });

    it('is needed beyond loopback outside local mode, here or before us', () => {
      const open = { ...production, TOKENLINE_HOST: '0.0.0.0' };
      expect(problems(open)).toEqual([expect.stringContaining('TOKENLINE_TLS=terminated')]);
      expect(problems({ ...open, TOKENLINE_TLS: 'terminated' })).toEqual([]);
      expect(problems({ ...open, ...tls })).toEqual([]);
      expect(problems(production)).toEqual([]);
    });
  });
});
