export * from './ehi.js';
export * from './mdes.js';
export * from './vts.js';
