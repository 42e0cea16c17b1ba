/** The topics Tokenline owns: their partitions, cleanup and retention. Deploying creates them and reports any that stand otherwise. */

const day = 24 * 60 * 60 * 1000;

export interface TopicSpec {
  readonly name: TopicName;
  readonly partitions: number;
  readonly cleanup: 'delete' | 'compact';
  /** Milliseconds; -1 keeps for ever. */
  readonly retentionMs: number;
  readonly purpose: string;
}

export const topicNames = [
  'tsp.inbound',
  'token.facts',
  'token.lifecycle',
  'token.state',
  'lifecycle.store',
  'cardholder.messages',
  'cardholder.receipts',
  'token.dead-letters',
] as const;
export type TopicName = (typeof topicNames)[number];

/**
 * Equal partition counts keep one token on one partition number all along its way:
 * lifecycle writes its outputs to the partition it read from, so these must agree.
 */
const partitions = 6;

export const topics: readonly TopicSpec[] = [
  { name: 'tsp.inbound', partitions, cleanup: 'delete', retentionMs: 30 * day, purpose: 'What sources sent, sealed.' },
  { name: 'token.facts', partitions, cleanup: 'delete', retentionMs: -1, purpose: 'What it means, token by token.' },
  { name: 'token.lifecycle', partitions, cleanup: 'delete', retentionMs: -1, purpose: 'What followed from each fact.' },
  { name: 'token.state', partitions, cleanup: 'compact', retentionMs: -1, purpose: 'Latest state of each token.' },
  {
    name: 'lifecycle.store',
    partitions,
    cleanup: 'compact',
    retentionMs: -1,
    purpose: 'Internal: the memory of the fold.',
  },
  { name: 'cardholder.messages', partitions, cleanup: 'delete', retentionMs: 90 * day, purpose: 'Notices to be told.' },
  {
    name: 'cardholder.receipts',
    partitions,
    cleanup: 'delete',
    retentionMs: 90 * day,
    purpose: 'What channels answered.',
  },
  {
    name: 'token.dead-letters',
    partitions,
    cleanup: 'delete',
    retentionMs: 90 * day,
    purpose: 'What could not be processed, sealed.',
  },
];
