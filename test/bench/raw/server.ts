/**
 * Process: the least that takes a message over HTTP and acknowledges it once it is durable: bare fastify, one idempotent kafkajs producer, one
 * request in flight, whatever arrived meanwhile goes with the next one.
 */
import { fastify } from 'fastify';
import { childArgs, tellParent } from '../child.js';
import { rawKafka } from './kafka.js';

export interface ServerArgs {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly port: number;
}

interface Waiting {
  readonly key: string;
  readonly value: string;
  readonly done: () => void;
  readonly fail: (error: unknown) => void;
}

const { brokers, topic, port } = childArgs<ServerArgs>();
const producer = rawKafka({ brokers }, 'raw-server').producer({ idempotent: true, maxInFlightRequests: 1 });
await producer.connect();

let queue: Waiting[] = [];
let sending = false;

async function drain(): Promise<void> {
  if (sending) return;
  sending = true;
  while (queue.length > 0) {
    const batch = queue;
    queue = [];
    try {
      await producer.sendBatch({
        acks: -1,
        topicMessages: [{ topic, messages: batch.map(({ key, value }) => ({ key, value })) }],
      });
      for (const { done } of batch) done();
    } catch (error) {
      for (const { fail } of batch) fail(error);
    }
  }
  sending = false;
}

const app = fastify();
app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
app.post('/v1/inbound/thredd/ehi', async (request) => {
  const value = request.body as string;
  const key = String((JSON.parse(value) as { PaymentToken_id?: number }).PaymentToken_id);
  await new Promise<void>((done, fail) => {
    queue.push({ key, value, done, fail });
    void drain();
  });
  return { Acknowledgement: '1' };
});
await app.listen({ port, host: '127.0.0.1' });
tellParent({ listening: true });
process.on('disconnect', () => process.exit());
