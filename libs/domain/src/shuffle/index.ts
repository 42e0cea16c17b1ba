export type { Delivery } from './delivery.js';
export * from './describe.js';
export * from './shuffle.js';
export type { Disagreement } from './smallest.js';
export { mappedOnce, type PlayedMessage } from './world.js';
