/** Opening and making the envelopes the networks wrap their messages in. */
export {};
