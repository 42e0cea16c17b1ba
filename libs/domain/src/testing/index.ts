export * from './ehi.js';
