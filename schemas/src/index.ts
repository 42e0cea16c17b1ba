export * from './generate.js';
export * from './load.js';
export * from './typescript.js';
