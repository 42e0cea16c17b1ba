export * from './collections.js';
export * from './connect.js';
export * from './duplicates.js';
export * from './projections.js';
export * from './vault.js';
