export * from './classify.js';
export * from './ip.js';
export * from './map.js';
export type { EhiContext, EhiMessage } from './message.js';
export { ehiLocalTime } from './time.js';
