export * from './map.js';
export type { MdesMessage } from './message.js';
export * from './operations.js';
export * from './vocabulary.js';
