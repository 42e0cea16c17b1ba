export * from './codec.js';
export * from './register.js';
export { putShortText } from './strings.js';
export * from './topics.js';
