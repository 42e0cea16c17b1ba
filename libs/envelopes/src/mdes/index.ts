export * from './envelope.js';
export * from './keys.js';
export { generateMdesPair, type MdesPair } from './make.js';
export { type MdesRequest, openMdesRequest } from './request.js';
