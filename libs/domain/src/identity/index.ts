export * from './alias.js';
export * from './merge-fact.js';
export * from './resolve.js';
