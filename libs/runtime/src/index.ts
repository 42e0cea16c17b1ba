export * from './auth.js';
export * from './config.js';
export * from './log.js';
export * from './metrics.js';
export * from './problem.js';
export * from './scrub.js';
export * from './service.js';
export * from './zone.js';
