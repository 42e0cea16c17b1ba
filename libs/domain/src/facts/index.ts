export * from './canonical.js';
export * from './draft.js';
export * from './json.js';
export * from './sealed.js';
