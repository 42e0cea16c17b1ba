export { type Chance, seededChance } from '../shuffle/random.js';
export * from './ehi.js';
