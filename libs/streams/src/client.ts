/**
 * kafkajs clients made from our configuration. Producers and consumers never share one client: kafkajs marks offsets of a transaction as
 * committed in a cache of the client before the transaction commits, and an aborted one would mislead the consumer.
 */
import type { KafkaConfig, Logger } from '@tokenline/runtime';
import type { Kafka as Client, KafkaConfig as KafkajsConfig, RetryOptions, SASLOptions } from 'kafkajs';
import { Kafka, logLevel } from './kafkajs.js';

/**
 * Short first pauses: a transaction that follows another meets CONCURRENT_TRANSACTIONS while the markers of the first are being written,
 * and kafkajs' default first pause of 300 ms would cap a partition at three transactions a second (17 to 58 with this).
 */
export const transactionRetry: RetryOptions = {
  initialRetryTime: 4,
  multiplier: 1.3,
  factor: 0.2,
  maxRetryTime: 250,
  retries: 25,
};

export const plainRetry: RetryOptions = {
  initialRetryTime: 50,
  multiplier: 2,
  factor: 0.2,
  maxRetryTime: 1_000,
  retries: 4,
};

export function createClient(config: KafkaConfig, clientId: string, log: Logger, retry: RetryOptions): Client {
  return new Kafka({
    clientId,
    brokers: [...config.brokers],
    ssl: config.ssl,
    ...(config.sasl && { sasl: config.sasl as SASLOptions }),
    connectionTimeout: 3_000,
    authenticationTimeout: 5_000,
    requestTimeout: 10_000,
    retry,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => {
      const { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...detail } = entry.log;
      // kafkajs calls harmless retries and rebalances errors; what matters reaches us as exceptions and events.
      log.debug({ kafkajs: { namespace: entry.namespace, ...plain(detail) } }, message);
    },
  } satisfies KafkajsConfig);
}

function plain(detail: Record<string, unknown>): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(detail).filter((e): e is [string, string | number | boolean] =>
      ['string', 'number', 'boolean'].includes(typeof e[1]),
    ),
  );
}
