export type { Cardholder } from './cast.js';
export { type ExpectedPicture, type ExpectedToken, type SampleDay, sampleDay } from './day.js';
export * from './deliveries.js';
export * from './ehi.js';
export * from './flows.js';
export { luhnComplete } from './luhn.js';
