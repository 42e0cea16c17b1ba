export * from './keys.js';
export * from './make.js';
export * from './open.js';
