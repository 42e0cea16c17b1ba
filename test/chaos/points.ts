/**
 * The named points at which a service is killed: between two durable steps, each a place where half of the work is done.
 * crash-points.ts recognises them from outside, by what the process does to Kafka and MongoDB.
 */
import type { ServiceName } from '@tokenline/runtime';

export const points = {
  'edge.before-produce': ['ingest', 'message accepted, not yet written to the log'],
  'edge.before-acknowledgement': ['ingest', 'message in the log, sender not yet answered'],
  'normalizer.before-identity': ['ingest', 'identity decided, its transaction not yet committed'],
  'normalizer.before-produce': ['ingest', 'identity committed, its facts not yet in the log'],
  'normalizer.before-merge-noted': ['ingest', 'merge in the log, not yet noted as announced'],
  'normalizer.before-offset': ['ingest', 'facts in the log, offset not yet committed'],
  'lifecycle.before-restore': ['lifecycle', 'partitions claimed, nobody fenced, no state restored'],
  'lifecycle.before-produce': ['lifecycle', 'transaction open, nothing sent'],
  'lifecycle.before-offset': ['lifecycle', 'outputs sent, offset not yet part of the transaction'],
  'lifecycle.before-commit': ['lifecycle', 'transaction complete, not yet committed'],
  'lifecycle.before-local-store': ['lifecycle', 'transaction committed, local store not yet written'],
  'projector.tokens-first': ['projector', 'tokens written, their timeline not'],
  'projector.timeline-first': ['projector', 'timeline written, its tokens not'],
  'projector.before-offset': ['projector', 'events in MongoDB, offset not yet committed'],
  'projector.letters-before-offset': ['projector', 'dead letters in MongoDB, offset not yet committed'],
  'notifier.before-message': ['notifier', 'notice in the ledger, its message not yet in the log'],
  'notifier.before-flag': ['notifier', 'message in the log, ledger does not know yet'],
  'notifier.before-offset': ['notifier', 'notice in the ledger and told, offset not yet committed'],
  'notifier.before-channel': ['notifier', 'notice claimed, not yet handed to its channel'],
  'notifier.before-record': ['notifier', 'notice handed to its channel, ledger does not know yet'],
  'notifier.before-receipt': ['notifier', 'ledger knows of the delivery, its receipt not yet in the log'],
  'notifier.before-receipt-noted': ['notifier', 'receipt in the log, ledger does not know yet'],
} as const satisfies Record<string, readonly [ServiceName, string]>;

export type Point = keyof typeof points;
export const pointNames = Object.keys(points) as Point[];

/** Where a process looks for the point it is to die at, and where it leaves word that it did: files named by its pid. */
export const armVariable = 'TOKENLINE_CHAOS_FOLDER';
/** Armed from the start, `<point> <n>`: for points a process reaches before anybody could arm it. */
export const armedVariable = 'TOKENLINE_CHAOS_ARMED';
