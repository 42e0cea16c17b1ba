import { describe, expect, it } from 'vitest';
import { readConfiguredParts } from './settings.js';

describe('parts that are configured', () => {
  it('are none in an empty environment', () => {
    expect(readConfiguredParts({})).toEqual({ toStart: ['kafka', 'registry', 'mongodb'] });
  });

  it('are not started here', () => {
    const env = { TOKENLINE_KAFKA_BROKERS: 'one:9092, two:9092', TOKENLINE_MONGODB_URI: 'mongodb://elsewhere/' };
    expect(readConfiguredParts(env)).toEqual({
      kafkaBrokers: ['one:9092', 'two:9092'],
      mongodbUri: 'mongodb://elsewhere/',
      toStart: ['registry'],
    });
  });

  it('count as absent when they are blank', () => {
    expect(readConfiguredParts({ TOKENLINE_SCHEMA_REGISTRY_URL: ' ' }).toStart).toContain('registry');
  });

  it.each([{ TOKENLINE_KAFKA_SSL: 'true' }, { TOKENLINE_KAFKA_SASL_USERNAME: 'us' }])(
    'with %j need a configured registry too',
    (security) => {
      const env = { TOKENLINE_KAFKA_BROKERS: 'one:9093', ...security };
      expect(() => readConfiguredParts(env)).toThrow('point TOKENLINE_SCHEMA_REGISTRY_URL at a running registry');
      const whole = { ...env, TOKENLINE_SCHEMA_REGISTRY_URL: 'http://elsewhere' };
      expect(readConfiguredParts(whole).toStart).toEqual(['mongodb']);
    },
  );
});
