/**
 * Every setting of every service, read from the environment once, checked as a whole, refused with one message that names each variable at fault.
 * The contract page lists the variables outsiders rely on.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openings } from './openings.js';
import { readSenders, type Sender } from './senders.js';
import { readTls, type TlsConfig } from './tls.js';

export type Mode = 'local' | 'production';

export interface KafkaConfig {
  readonly brokers: readonly string[];
  readonly ssl: boolean;
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
  /** Copies of each topic partition; -1 takes the broker's default. */
  readonly replicationFactor: number;
  /** A consumer not heard of for this many milliseconds loses its partitions; 10 s when left out. Brokers allow 6 s to 30 min unless told otherwise. */
  readonly sessionTimeoutMs?: number;
}

/** Thredd's own. */
export const defaultEhiTimeZone = 'Europe/London';

export const serviceNames = ['ingest', 'lifecycle', 'projector', 'notifier', 'query'] as const;
export type ServiceName = (typeof serviceNames)[number];

/**
 * What Node is given before a service's `dist/main.js`. These two have whole batches in hand, which a young generation of Node's own 16 MiB copies
 * again and again; measured in test/bench/README.md.
 */
export const nodeFlags: Readonly<Record<ServiceName, readonly string[]>> = {
  ingest: [],
  lifecycle: ['--max-semi-space-size=64'],
  projector: ['--max-semi-space-size=64'],
  notifier: [],
  query: [],
};

/**
 * How far a service stands back where processors are short, as `nice` counts: a sender waits for ingest, and the state of tokens for lifecycle; what is
 * behind them may come a moment later. Measured in test/bench/README.md.
 */
export const niceness: Readonly<Record<ServiceName, number>> = {
  ingest: 0,
  lifecycle: 0,
  projector: 5,
  notifier: 5,
  query: 5,
};

export interface Config {
  readonly mode: Mode;
  /** Address the HTTP doors bind to. */
  readonly host: string;
  readonly ports: Readonly<Record<ServiceName, number>>;
  readonly kafka: KafkaConfig;
  readonly schemaRegistryUrl: string;
  readonly mongodbUri: string;
  /** Stands before every topic, group and database name. */
  readonly prefix: string;
  readonly databaseName: string;
  /** Key set as JSON text; the sealing library parses it. */
  readonly sealingKeys: string;
  /** Who may come in at the HTTP doors; empty in local mode means loopback needs no credentials. */
  readonly senders: readonly Sender[];
  /** TLS at the doors for senders and tools; without it they speak plain HTTP. */
  readonly tls?: TlsConfig;
  /** Zone of EHI's local time stamps (Txn_GPS_Date). */
  readonly ehiTimeZone: string;
  /** Keys for the networks' envelopes, as JSON text; libs/envelopes parses them. Without them that network's door is shut. */
  readonly mdesKeys?: string;
  readonly vtsKeys?: string;
  /** The decision policy's JSON text; without it ingest's safe default decides. */
  readonly decisionPolicy?: string;
  /** The notice policy's JSON text; its rules stand before those built in. */
  readonly noticePolicy?: string;
  readonly logLevel: string;
  readonly home: string;
  /** Where the lifecycle service keeps its local copy of lifecycle.store; may be lost at any time. */
  readonly stateDirectory: string;
  readonly notifier: {
    readonly smtpUrl?: string;
    readonly smtpFrom: string;
    /** The SMS gateway's endpoint; https outside local mode. */
    readonly smsUrl?: string;
    readonly smsSecret?: string;
    /** Most segments of a text message before a device's name is left out. */
    readonly smsSegments: number;
    /** Where the SMS gateway tells what became of a message, with `{reference}` for the noticeId; https outside local mode. */
    readonly smsStatusUrl?: string;
    /** The endpoint of whoever pushes to the issuer's own app; https outside local mode. */
    readonly pushUrl?: string;
    readonly pushSecret?: string;
    readonly webhookUrl?: string;
    readonly webhookSecret?: string;
    /** The issuer's own texts, as JSON text; libs/domain parses them. */
    readonly templates?: string;
  };
}

export const defaultPorts: Readonly<Record<ServiceName, number>> = {
  query: 7400,
  ingest: 7401,
  lifecycle: 7402,
  projector: 7403,
  notifier: 7404,
};

/** Variable that moves a service's port. */
export function portVariable(service: ServiceName): string {
  return `TOKENLINE_${service.toUpperCase()}_PORT`;
}

/** The environment does not make a usable configuration; `problems` has one sentence for each variable at fault. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`Configuration refused: ${problems.join(' ')}`);
    this.problems = problems;
  }
}

/**
 * Reads the configuration from `env`.
 * Outside local mode (TOKENLINE_MODE=local) addresses, sealing keys and API keys must be set: nothing falls back to a local default.
 * Throws ConfigError naming every variable at fault.
 */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const problems: string[] = [];
  const text = (name: string): string | undefined => {
    const value = env[name]?.trim();
    return value === '' ? undefined : value;
  };
  const required = (name: string, what: string): string => {
    const value = text(name);
    if (value === undefined) problems.push(`${name} is not set: it must hold ${what}.`);
    return value ?? '';
  };
  const integer = (name: string, fallback: number, min: number, max: number): number => {
    const raw = text(name);
    if (raw === undefined) return fallback;
    const value = Number(raw);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    problems.push(`${name} is '${raw}': it must be a whole number from ${min} to ${max}.`);
    return fallback;
  };
  const oneOf = <T extends string>(name: string, fallback: T, allowed: readonly T[]): T => {
    const raw = text(name) ?? fallback;
    if ((allowed as readonly string[]).includes(raw)) return raw as T;
    problems.push(`${name} is '${raw}': it must be one of ${allowed.join(', ')}.`);
    return fallback;
  };

  const fileText = (name: string, path: string): string | undefined => {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      problems.push(`${name} names a file that cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'}).`);
      return undefined;
    }
  };
  /** The value itself, or with `@` before it the file it names. */
  const textOrFile = (name: string): string | undefined => {
    const value = text(name);
    return value?.startsWith('@') === true ? fileText(name, value.slice(1)) : value;
  };

  const mode = oneOf<Mode>('TOKENLINE_MODE', 'production', ['local', 'production']);
  const home = text('TOKENLINE_HOME') ?? '.tokenline';
  const host = text('TOKENLINE_HOST') ?? '127.0.0.1';
  const prefix = text('TOKENLINE_TOPIC_PREFIX') ?? '';
  if (!/^[A-Za-z0-9_-]{0,40}$/.test(prefix)) {
    problems.push('TOKENLINE_TOPIC_PREFIX may hold up to 40 letters, digits, - and _ only.');
  }
  const brokers = required('TOKENLINE_KAFKA_BROKERS', 'host:port, comma-separated')
    .split(',')
    .map((b) => b.trim())
    .filter((b) => b !== '');
  const sasl = readSasl(text, oneOf, problems);
  const ehiTimeZone = text('TOKENLINE_EHI_TIME_ZONE') ?? defaultEhiTimeZone;
  if (!isTimeZone(ehiTimeZone))
    problems.push(`TOKENLINE_EHI_TIME_ZONE is '${ehiTimeZone}': it must be an IANA zone such as Europe/London.`);
  const senders = readSenders(
    { senders: textOrFile('TOKENLINE_SENDERS'), apiKeys: text('TOKENLINE_API_KEYS') },
    problems,
  );
  const tls = readTls(textOrFile, problems);
  problems.push(...openings({ mode, host, senders, tls: text('TOKENLINE_TLS') }, (name) => text(name) !== undefined));
  const mdesKeys = textOrFile('TOKENLINE_MDES_KEYS');
  const vtsKeys = textOrFile('TOKENLINE_VTS_KEYS');
  const namedFile = (name: string): string | undefined => {
    const path = text(name);
    return path === undefined ? undefined : fileText(name, path);
  };
  const decisionPolicy = namedFile('TOKENLINE_DECISION_POLICY');
  const noticePolicy = namedFile('TOKENLINE_NOTICE_POLICY');
  const ports = Object.fromEntries(
    serviceNames.map((service) => [service, integer(portVariable(service), defaultPorts[service], 0, 65_535)]),
  ) as Record<ServiceName, number>;
  const smtpUrl = text('TOKENLINE_SMTP_URL');
  const smsUrl = text('TOKENLINE_SMS_URL');
  const smsSecret = text('TOKENLINE_SMS_SECRET');
  if (smsUrl !== undefined && !isEndpoint(smsUrl, mode === 'local'))
    problems.push('TOKENLINE_SMS_URL must be an https:// address, or in local mode an http:// one.');
  const smsStatusUrl = text('TOKENLINE_SMS_STATUS_URL');
  if (smsStatusUrl !== undefined && !isEndpoint(smsStatusUrl.replaceAll('{reference}', 'x'), mode === 'local'))
    problems.push('TOKENLINE_SMS_STATUS_URL must be an https:// address, or in local mode an http:// one.');
  else if (smsStatusUrl?.includes('{reference}') === false)
    problems.push('TOKENLINE_SMS_STATUS_URL must name {reference}, where the id of the notice goes.');
  const pushUrl = text('TOKENLINE_PUSH_URL');
  const pushSecret = text('TOKENLINE_PUSH_SECRET');
  if (pushUrl !== undefined && !isEndpoint(pushUrl, mode === 'local'))
    problems.push('TOKENLINE_PUSH_URL must be an https:// address, or in local mode an http:// one.');
  const templatesFile = text('TOKENLINE_TEMPLATES');
  const templates = templatesFile === undefined ? undefined : fileText('TOKENLINE_TEMPLATES', templatesFile);
  const webhookUrl = text('TOKENLINE_WEBHOOK_URL');
  const webhookSecret = text('TOKENLINE_WEBHOOK_SECRET');

  const config: Config = {
    mode,
    host,
    ports,
    kafka: {
      brokers,
      ssl: oneOf('TOKENLINE_KAFKA_SSL', 'false', ['true', 'false']) === 'true',
      ...(sasl && { sasl }),
      replicationFactor: integer('TOKENLINE_REPLICATION_FACTOR', mode === 'local' ? 1 : -1, -1, 15),
      sessionTimeoutMs: integer('TOKENLINE_KAFKA_SESSION_TIMEOUT_MS', 10_000, 1_000, 1_800_000),
    },
    schemaRegistryUrl: required('TOKENLINE_SCHEMA_REGISTRY_URL', 'a Confluent-compatible base URL'),
    mongodbUri: required('TOKENLINE_MONGODB_URI', 'the URI of a MongoDB replica set'),
    prefix,
    databaseName: `${prefix}tokenline`,
    sealingKeys: required('TOKENLINE_SEALING_KEYS', 'the sealing key set'),
    senders,
    ...(tls !== undefined && { tls }),
    ehiTimeZone,
    ...(mdesKeys !== undefined && { mdesKeys }),
    ...(vtsKeys !== undefined && { vtsKeys }),
    ...(decisionPolicy !== undefined && { decisionPolicy }),
    ...(noticePolicy !== undefined && { noticePolicy }),
    logLevel: oneOf('TOKENLINE_LOG_LEVEL', 'info', ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    home,
    stateDirectory: text('TOKENLINE_STATE_DIR') ?? join(home, 'data', 'lifecycle'),
    notifier: {
      ...(smtpUrl !== undefined && { smtpUrl }),
      smtpFrom: text('TOKENLINE_SMTP_FROM') ?? 'Card services <no-reply@localhost>',
      ...(smsUrl !== undefined && { smsUrl }),
      ...(smsSecret !== undefined && { smsSecret }),
      smsSegments: integer('TOKENLINE_SMS_SEGMENTS', 3, 1, 10),
      ...(smsStatusUrl !== undefined && { smsStatusUrl }),
      ...(pushUrl !== undefined && { pushUrl }),
      ...(pushSecret !== undefined && { pushSecret }),
      ...(templates !== undefined && { templates }),
      ...(webhookUrl !== undefined && { webhookUrl }),
      ...(webhookSecret !== undefined && { webhookSecret }),
    },
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

function isEndpoint(address: string, plainToo: boolean): boolean {
  const protocol = URL.canParse(address) ? new URL(address).protocol : '';
  return protocol === 'https:' || (plainToo && protocol === 'http:');
}

function readSasl(
  text: (name: string) => string | undefined,
  oneOf: <T extends string>(name: string, fallback: T, allowed: readonly T[]) => T,
  problems: string[],
): KafkaConfig['sasl'] {
  const username = text('TOKENLINE_KAFKA_SASL_USERNAME');
  const password = text('TOKENLINE_KAFKA_SASL_PASSWORD');
  if (username === undefined && password === undefined) return undefined;
  if (username === undefined || password === undefined) {
    problems.push('TOKENLINE_KAFKA_SASL_USERNAME and TOKENLINE_KAFKA_SASL_PASSWORD must be set together.');
    return undefined;
  }
  const mechanism = oneOf('TOKENLINE_KAFKA_SASL_MECHANISM', 'scram-sha-512', [
    'plain',
    'scram-sha-256',
    'scram-sha-512',
  ] as const);
  return { mechanism, username, password };
}
