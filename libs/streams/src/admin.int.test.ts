/** Errands to a real broker's administration that do not succeed at once. */
import { expect, it } from 'vitest';
import { withAdmin } from './admin.js';
import { createClient, plainRetry } from './client.js';
import { kafkaConfig, silentLog } from './given.js';
import { KafkaJSNumberOfRetriesExceeded, KafkaJSProtocolError } from './kafkajs.js';

const client = createClient(kafkaConfig(), 'test', silentLog, plainRetry);

function protocolError(type: string, retriable: boolean): Error {
  return new KafkaJSProtocolError(Object.assign(new Error(type), { retriable, type, code: 6 }));
}

it('does an errand again that met a partition without a leader', async () => {
  let tries = 0;
  const topics = await withAdmin(client, async (admin) => {
    if (++tries < 3) throw protocolError('NOT_LEADER_FOR_PARTITION', true);
    return admin.listTopics();
  });
  expect(topics).toBeInstanceOf(Array);
  expect(tries).toBe(3);
});

it('does an errand again over which kafkajs itself has tried often enough', async () => {
  let tries = 0;
  const passing = protocolError('GROUP_COORDINATOR_NOT_AVAILABLE', true);
  await withAdmin(client, async () => {
    if (++tries === 1) throw new KafkaJSNumberOfRetriesExceeded(passing, { retryCount: 5, retryTime: 1 });
  });
  expect(tries).toBe(2);
});

it('gives up at once what no waiting would change', async () => {
  let tries = 0;
  const errand = withAdmin(client, async () => {
    tries += 1;
    throw protocolError('TOPIC_AUTHORIZATION_FAILED', false);
  });
  await expect(errand).rejects.toThrow('TOPIC_AUTHORIZATION_FAILED');
  expect(tries).toBe(1);
});
