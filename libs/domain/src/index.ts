export * from './ehi/index.js';
export * from './facts/index.js';
export * from './generated/records.js';
export * from './identity/index.js';
export * from './lifecycle/index.js';
export * from './notices/index.js';
export * from './reasons.js';
export * from './shuffle/index.js';
export type { ClockTime } from './time.js';
