export * from './catalogue.js';
export * from './compatibility.js';
export * from './generate.js';
export * from './load.js';
export * from './release.js';
export * from './sample.js';
export * from './typescript.js';
export * from './versions.js';
