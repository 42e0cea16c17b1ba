/*
 * The real servers Tokenline runs on, started on this machine without a container engine: Kafka, a schema registry and
 * MongoDB. `startStack` is the whole of it; `createProcessGroup` is for whatever else has to stop when we do.
 */
export { LocalStackError, type LocalStackErrorCode } from './errors.js';
export type { ExitStatus, ManagedProcess, SpawnSpec, StopOptions } from './managed-process.js';
export { type StackPart, stackParts, stopPhases } from './parts.js';
export { createProcessGroup, type ProcessGroup } from './process-group.js';
export { type PartExit, type Stack, type StackAddresses, type StackOptions, startStack } from './stack.js';
