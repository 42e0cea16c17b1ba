/** One errand to the cluster's administration. */
import type { Admin, Kafka } from 'kafkajs';
import { KafkaJSNumberOfRetriesExceeded, KafkaJSProtocolError } from './kafkajs.js';

const passesWithinMs = 15_000;

/**
 * Gives what `work` gives; the connection is closed however it ends. What passes by itself (a partition without a leader while its broker comes
 * back), and kafkajs gives up over at once, is tried again for 15 s: `work` may be done twice.
 */
export async function withAdmin<T>(client: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const until = Date.now() + passesWithinMs;
  for (let pause = 100; ; pause = Math.min(pause * 2, 2_000)) {
    const admin = client.admin();
    try {
      await admin.connect();
      return await work(admin);
    } catch (error) {
      if (!passes(error) || Date.now() > until) throw error;
    } finally {
      await admin.disconnect();
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Said by a broker, so a broker is there, and retriable by kafkajs' own word. */
function passes(error: unknown): boolean {
  if (error instanceof KafkaJSNumberOfRetriesExceeded) return passes(error.cause);
  return error instanceof KafkaJSProtocolError && error.retriable;
}
