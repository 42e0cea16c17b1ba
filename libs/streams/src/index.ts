export * from './gather.js';
export * from './headers.js';
export * from './log.js';
export * from './ports.js';
export {
  dueText,
  type OpenPartition,
  type PartitionLogic,
  type PartitionState,
  type Processor,
  type ProcessorOptions,
} from './processor.js';
export { openStateCopies, type StateStore } from './state-store.js';
export type { TopicsReport } from './topics.js';
export { type UndecodableParts, undecodableLetters } from './undecodable.js';
export { within } from './within.js';
export type { WriterOptions } from './writer.js';
