export * from './deadlines.js';
export * from './decide.js';
export * from './diagram.js';
export * from './difference.js';
export * from './events.js';
export * from './fold.js';
export * from './machine.js';
export * from './order.js';
