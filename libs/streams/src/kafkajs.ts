/** kafkajs, mended. Loaded here and nowhere else: what it takes from its own modules it keeps, so they must be mended before (patches.ts). */
import { createRequire } from 'node:module';
import { patchKafkajs } from './patches.js';

patchKafkajs();

export const {
  AssignerProtocol,
  ConfigResourceTypes,
  Kafka,
  KafkaJSNumberOfRetriesExceeded,
  KafkaJSProtocolError,
  logLevel,
} = createRequire(import.meta.url)('kafkajs') as typeof import('kafkajs');
