/** What others may use of the command line: the query door's answers, deploying, and the sample day with its builders. */
export type { DeadLetter, Notice, Page, Token } from './answers.js';
export { type Deployed, deployAll } from './deploy.js';
export type { Message } from './messages.js';
export * from './sample/index.js';
export { table } from './table.js';
export type { Summary } from './up/summary.js';
