/** Where a command finds things: the environment first, then a running `tokenline up`, then the standard ports. */
import {
  type Config,
  ConfigError,
  defaultEhiTimeZone,
  defaultPorts,
  loadConfig,
  portVariable,
  type ServiceName,
  serviceNames,
} from '@tokenline/runtime';
import { CliError } from './errors.js';
import { homeOf, type RunFile, readRunFile } from './run-file.js';

/** Stand-ins for what a tool does not use, secrets above all, so that the shared configuration check has nothing to say about it. */
const unusedSealingKeys = 'unused by tools';
const unusedDoors = {
  TOKENLINE_API_KEYS: 'tool=unused-by-tools-00',
  TOKENLINE_SENDERS: '',
  TOKENLINE_TLS: 'terminated',
  TOKENLINE_TLS_CERT: '',
  TOKENLINE_TLS_KEY: '',
  TOKENLINE_TLS_CLIENT_CA: '',
};

/** Base URL of a service: its own variable (TOKENLINE_QUERY_URL, …), else host and port as configured or running. */
export function urlOf(service: ServiceName, env: NodeJS.ProcessEnv): string {
  const given = env[`TOKENLINE_${service.toUpperCase()}_URL`]?.trim();
  if (given !== undefined && given !== '') return given.replace(/\/+$/, '');
  const run = readRunFile(homeOf(env));
  const port = env[portVariable(service)]?.trim() || run?.ports[service] || defaultPorts[service];
  const host = env.TOKENLINE_HOST?.trim() || run?.host || '127.0.0.1';
  const secure = env.TOKENLINE_TLS_CERT?.trim() && ['ingest', 'query', 'notifier'].includes(service);
  return `${secure ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/**
 * The configuration for tools that talk to Kafka, the registry and MongoDB themselves.
 * Throws CliError when an address is neither set nor known from a running `tokenline up`.
 */
export function toolConfig(env: NodeJS.ProcessEnv): Config {
  const run = readRunFile(homeOf(env));
  const merged = { ...fromRun(run), ...withoutBlanks(env), ...unusedDoors };
  try {
    return loadConfig({ TOKENLINE_SEALING_KEYS: unusedSealingKeys, ...merged });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const hint = run === undefined ? ' Start everything with `npm start`, or set the addresses.' : '';
    throw new CliError(`${error.problems.join(' ')}${hint}`);
  }
}

/** The zone of EHI's local stamps, for a tool that needs nothing else configured. */
export function ehiTimeZone(env: NodeJS.ProcessEnv): string {
  return env.TOKENLINE_EHI_TIME_ZONE?.trim() || defaultEhiTimeZone;
}

function fromRun(run: RunFile | undefined): NodeJS.ProcessEnv {
  if (run === undefined) return {};
  return {
    TOKENLINE_MODE: 'local',
    TOKENLINE_HOST: run.host,
    TOKENLINE_KAFKA_BROKERS: run.kafkaBrokers,
    TOKENLINE_SCHEMA_REGISTRY_URL: run.schemaRegistryUrl,
    TOKENLINE_MONGODB_URI: run.mongodbUri,
    TOKENLINE_TOPIC_PREFIX: run.prefix,
    ...Object.fromEntries(serviceNames.map((service) => [portVariable(service), String(run.ports[service])])),
  };
}

/** Variables that are set to something. */
export function withoutBlanks(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''));
}
