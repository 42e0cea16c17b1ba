export * from './events.js';
export * from './map.js';
export { type VtsMessage, type VtsOperation, vtsOperations, vtsSource } from './message.js';
export * from './vocabulary.js';
