export * from './keys.js';
export * from './sealer.js';
