/** Opening and making the envelopes the networks wrap their messages in. */

export * from './mdes/index.js';
export * from './vts/index.js';
