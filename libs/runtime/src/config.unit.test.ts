import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from './config.js';

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
    expect(problems(production)).toEqual([expect.stringContaining('TOKENLINE_API_KEYS is not set')]);
    expect(problems({ ...production, TOKENLINE_API_KEYS: 'thredd=short' })).not.toEqual([]);
    expect(loadConfig({ ...production, TOKENLINE_API_KEYS: 'thredd=0123456789abcdef' }).apiKeys).toEqual({
      thredd: '0123456789abcdef',
    });
  });

  it('takes the networks’ keys as they are or from a file, the decision policy from a file', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'tokenline-config-')), 'some.json');
    writeFileSync(file, '{"a":1}');
    expect(
      loadConfig({
        ...local,
        TOKENLINE_MDES_KEYS: '{"b":2}',
        TOKENLINE_VTS_KEYS: `@${file}`,
        TOKENLINE_DECISION_POLICY: file,
      }),
    ).toMatchObject({ mdesKeys: '{"b":2}', vtsKeys: '{"a":1}', decisionPolicy: '{"a":1}' });
    rmSync(dirname(file), { recursive: true });
    expect(problems({ ...local, TOKENLINE_VTS_KEYS: `@${file}`, TOKENLINE_DECISION_POLICY: file })).toEqual([
      'TOKENLINE_VTS_KEYS names a file that cannot be read (ENOENT).',
      'TOKENLINE_DECISION_POLICY names a file that cannot be read (ENOENT).',
    ]);
    expect(loadConfig(local)).not.toHaveProperty('mdesKeys');
  });

  it.each(['999', '1800001', '6s', '3000.5'])('refuses a consumer session of %s ms', (value) => {
    expect(problems({ ...local, TOKENLINE_KAFKA_SESSION_TIMEOUT_MS: value })).toEqual([
      `TOKENLINE_KAFKA_SESSION_TIMEOUT_MS is '${value}': it must be a whole number from 1000 to 1800000.`,
    ]);
  });

  it('refuses a local door open beyond loopback without credentials', () => {
    expect(problems({ ...local, TOKENLINE_HOST: '0.0.0.0' })).toEqual([expect.stringContaining('TOKENLINE_HOST')]);
  });
});
