import { listed, partFacts, type StackPart } from './parts.js';

export type LocalStackErrorCode =
  | 'ABORTED'
  | 'CHECKSUM_MISMATCH'
  | 'FETCH_FAILED'
  | 'HOME_IN_USE'
  | 'PART_FAILED'
  | 'PLATFORM_UNSUPPORTED'
  | 'PORT_INVALID'
  | 'PORT_IN_USE'
  | 'SECURED_KAFKA'
  | 'TOOL_MISSING';

/** `message` is one sentence, `<problem>: <remedy>`; both halves are also there on their own. */
export class LocalStackError extends Error {
  override readonly name = 'LocalStackError';
  readonly code: LocalStackErrorCode;
  readonly problem: string;
  readonly remedy: string;

  constructor(code: LocalStackErrorCode, problem: string, remedy: string) {
    super(`${problem}: ${remedy}`);
    this.code = code;
    this.problem = problem;
    this.remedy = remedy;
  }
}

/** The two ways that always remain when a part can't be started here. */
export function otherWays(parts: readonly StackPart[]): string {
  const variables = listed(parts.map((part) => partFacts[part].addressVariable));
  const servers = parts.length === 1 ? 'a running server' : 'running servers';
  return `start the servers with infra/compose.yaml, or point ${variables} at ${servers}`;
}

/** The one table of what can go wrong when the local stack starts. */
export const localErrors = {
  aborted: () => new LocalStackError('ABORTED', 'The start of the local stack was interrupted', 'start it again'),

  checksumMismatch: (file: string, expected: string, actual: string) =>
    new LocalStackError(
      'CHECKSUM_MISMATCH',
      `${file} has SHA-256 ${actual}, but infra/local/packages.json pins ${expected}`,
      'nothing of it was kept; find out why the package changed before bumping the pin',
    ),

  unpinnedFiles: (title: string, missing: readonly string[], extra: readonly string[]) =>
    new LocalStackError(
      'CHECKSUM_MISMATCH',
      `${title} came with other files than infra/local/packages.json pins (missing: ${missing.join(', ') || 'none'}; not pinned: ${extra.join(', ') || 'none'})`,
      'nothing of it was kept; bump the pin if the change is wanted',
    ),

  fetchFailed: (part: StackPart, what: string, from: string, detail: string) =>
    new LocalStackError(
      'FETCH_FAILED',
      `${what} could not be fetched from ${from} (${detail})`,
      `check that this machine reaches ${from}, ${otherWays([part])}`,
    ),

  homeInUse: (home: string, pid: number) =>
    new LocalStackError(
      'HOME_IN_USE',
      `${home} is in use by another Tokenline, process ${pid}`,
      'stop that one first, or set TOKENLINE_HOME to another folder',
    ),

  partFailed: (part: StackPart, what: string, logFile: string) =>
    new LocalStackError(
      'PART_FAILED',
      `${partFacts[part].title.replace(/^the /, 'The ')} ${what}`,
      `read ${logFile}, ${otherWays([part])}`,
    ),

  noMongodForPlatform: (platform: string) =>
    new LocalStackError(
      'PLATFORM_UNSUPPORTED',
      `There is no MongoDB server to fetch for ${platform}, and no mongod 6.0 or newer on the PATH`,
      `install mongod or name it in TOKENLINE_MONGOD, ${otherWays(['mongodb'])}`,
    ),

  noServersForPlatform: (platform: string, parts: readonly StackPart[]) =>
    new LocalStackError('PLATFORM_UNSUPPORTED', `The servers can't be started on ${platform}`, otherWays(parts)),

  portInvalid: (variable: string, value: string) =>
    new LocalStackError('PORT_INVALID', `${variable} is "${value}"`, 'give a port number from 1 to 65535'),

  portClash: (port: number, variables: readonly string[]) =>
    new LocalStackError('PORT_INVALID', `${listed(variables)} both name port ${port}`, 'give each its own port'),

  portInUse: (port: number, title: string, variable: string, part: StackPart) =>
    new LocalStackError(
      'PORT_IN_USE',
      `Port ${port} for ${title} is already in use`,
      `stop what listens there, set ${variable} to a free port, or, if that is a server meant for Tokenline, point ${partFacts[part].addressVariable} at it`,
    ),

  securedKafka: () =>
    new LocalStackError(
      'SECURED_KAFKA',
      'A schema registry started here cannot keep its data in a Kafka that needs TLS or SASL',
      'point TOKENLINE_SCHEMA_REGISTRY_URL at a running registry',
    ),

  toolMissing: (tool: string, parts: readonly StackPart[], use: 'fetch' | 'run') =>
    new LocalStackError(
      'TOOL_MISSING',
      `${tool} was not found, and it is needed to ${use} ${listed(parts.map((part) => partFacts[part].title))}`,
      `install it, ${otherWays(parts)}`,
    ),

  mongodUnusable: (path: string, reason: string) =>
    new LocalStackError(
      'TOOL_MISSING',
      `TOKENLINE_MONGOD names ${path}, which ${reason}`,
      'name a mongod 6.0 or newer, or unset it',
    ),
} as const;
