export * from './catalogue.js';
export * from './language.js';
export { faultsOf, parseNoticeTexts, TemplateError } from './parse.js';
