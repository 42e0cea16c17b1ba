import { describe, expect, it } from 'vitest';
import { kafkaProperties } from './kafka.js';
import { brokerCount, metadataRequest } from './kafka-probe.js';
import { registryEnvironment } from './registry.js';

describe("the broker's settings", () => {
  const lines = kafkaProperties({ port: 9092, controllerPort: 9093, data: 'data/kafka' }).split('\n');

  it('keep every port on the loopback interface', () => {
    expect(lines).toContain('listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093');
    expect(lines).toContain('advertised.listeners=PLAINTEXT://127.0.0.1:9092');
  });

  it('let no topic appear by itself and no log disappear by itself', () => {
    expect(lines).toContain('auto.create.topics.enable=false');
    expect(lines).toContain('log.retention.ms=-1');
  });
});

describe('the question whether a broker takes requests', () => {
  it('is a Metadata request, version 5, without topics', () => {
    const expected = ['0000001e', '0003', '0005', '00000001', '000f', Buffer.from('tokenline-probe').toString('hex')];
    expect(metadataRequest().toString('hex')).toBe(`${expected.join('')}0000000000`);
  });

  it('is answered once the number of brokers has arrived', () => {
    const answer = Buffer.from('0000003000000001000000000000000100000001', 'hex');
    expect(brokerCount(answer.subarray(0, 15))).toBeUndefined();
    expect(brokerCount(answer)).toBe(1);
  });
});

describe("the registry's settings", () => {
  it('put its topics under the prefix, beside ours', () => {
    expect(registryEnvironment(8081, ['a:1', 'b:2'], 'dev.')).toMatchObject({
      QUARKUS_HTTP_HOST: '127.0.0.1',
      APICURIO_KAFKASQL_BOOTSTRAP_SERVERS: 'a:1,b:2',
      APICURIO_KAFKASQL_TOPIC: 'dev.schema-registry-journal',
    });
  });
});
