export * from './codec.js';
export * from './register.js';
export * from './topics.js';
