export * from './envelope.js';
export * from './keys.js';
export { type MdesRequest, openMdesRequest } from './request.js';
