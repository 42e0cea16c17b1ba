export type { ReadCollections } from './documents.js';
export { type Invariant, type InvariantCode, invariantCodes, invariants, readModelInvariants } from './invariants.js';
export type { Stage } from './judge/look.js';
export { nameOfMessage, namesOfFact } from './log/inbound.js';
export type { ReadableLog } from './log/read.js';
export { formatReport, type Offender, type Report, type Verdict } from './report.js';
export { type Reckoning, reckon } from './rules/oracle.js';
export { type VerifyOptions, type VerifyParts, verify, withoutDocuments } from './verify.js';
