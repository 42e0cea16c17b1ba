export { type Chance, seededChance } from '../shuffle/random.js';
export * from './completion.js';
export * from './ehi.js';
export * from './mdes.js';
export * from './vts.js';
