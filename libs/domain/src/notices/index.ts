export * from './code.js';
export * from './decide.js';
export * from './name.js';
export * from './notice.js';
export * from './policy.js';
export * from './progress.js';
export * from './retry.js';
export * from './text.js';
