/**
 * With Kafka stopped the door answers 503 and acknowledges nothing; once it is back everything acknowledged before is there, and the services
 * have found their way back by themselves. Kafka is this file's own, so that it may be stopped; registry and MongoDB are the run's.
 */
import { resolve } from 'node:path';
import { green } from '@tokenline/cli';
import { type Stack, startStack } from '@tokenline/local';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type System, startSystem } from '../system.js';
import { inParallel, messagesOfFlow, pictureOf, postUntilAcknowledged, testToken, untilComplete } from '../traffic.js';
import { until } from '../wait.js';

let stack: Stack;
let system: System;
beforeAll(async () => {
  const { TOKENLINE_KAFKA_BROKERS: _shared, ...env } = process.env;
  stack = await startStack({
    env,
    freePorts: true,
    fresh: true,
    home: resolve(import.meta.dirname, '../../.tokenline/test-kafka'),
  });
  system = await startSystem({ env: { TOKENLINE_KAFKA_BROKERS: stack.addresses.kafkaBrokers.join(',') } });
});
afterAll(async () => {
  await system?.stop();
  await stack?.stop();
});

const start = Date.UTC(2030, 0, 15, 10, 0, 0);
const flow = green('VISA-T');

it.each([
  ['stopped', 'SIGTERM', 0],
  ['killed', 'SIGKILL', 500],
] as const)(
  'survives Kafka being %s',
  async (_how, signal, firstId) => {
    const tokens = Array.from({ length: 100 }, (_, n) => testToken(firstId + n));
    const acknowledged = new Set<string>();
    const lists = tokens.map((token) => messagesOfFlow(token, flow, start));

    // In the midst of traffic the log goes away.
    const traffic = inParallel(lists, 8, async (message) => {
      await postUntilAcknowledged(system, message);
      acknowledged.add(message.text);
    });
    await until('some messages are acknowledged', () => acknowledged.size > 60);
    await stack.stopPart('kafka', signal);

    const message = messagesOfFlow(testToken(firstId + 400), flow, start)[0]?.text ?? '';
    const refused = await until('the door says that it cannot take messages', async () => {
      const answer = await system.postEhi(message);
      return answer.status === 503 && answer;
    });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const count = acknowledged.size;
    expect((await system.postEhi(message)).status).toBe(503);
    expect(acknowledged.size).toBe(count);

    await stack.startPart('kafka');
    await traffic;
    expect(acknowledged.size).toBe(lists.flat().length);
    for (const token of tokens) {
      const found = await untilComplete(system, token, 90_000);
      expect(pictureOf(found)).toEqual({ status: 'ACTIVE', outcome: 'COMPLETED', path: 'GREEN', suspendedBy: [] });
    }
  },
  240_000,
);
