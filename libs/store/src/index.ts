export * from './collections.js';
export * from './connect.js';
