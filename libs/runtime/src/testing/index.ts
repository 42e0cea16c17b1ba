/** For tests of this and other packages. */
export * from './certificates.js';
