import { localErrors } from './errors.js';
import { partFacts, type StackPart, stackParts } from './parts.js';

/** What the environment settles before anything starts: which parts already run somewhere else, and where. */
export interface ConfiguredParts {
  readonly kafkaBrokers?: readonly string[];
  readonly schemaRegistryUrl?: string;
  readonly mongodbUri?: string;
  /** The parts that have no address and so are started here. */
  readonly toStart: readonly StackPart[];
}

export function readConfiguredParts(env: NodeJS.ProcessEnv): ConfiguredParts {
  const brokers = settingOf(env, partFacts.kafka.addressVariable)
    ?.split(',')
    .map((broker) => broker.trim())
    .filter((broker) => broker !== '');
  const schemaRegistryUrl = settingOf(env, partFacts.registry.addressVariable);
  const mongodbUri = settingOf(env, partFacts.mongodb.addressVariable);
  const toStart = stackParts.filter((part) => settingOf(env, partFacts[part].addressVariable) === undefined);
  if (brokers !== undefined && toStart.includes('registry') && isSecured(env)) throw localErrors.securedKafka();
  return {
    ...(brokers === undefined ? {} : { kafkaBrokers: brokers }),
    ...(schemaRegistryUrl === undefined ? {} : { schemaRegistryUrl }),
    ...(mongodbUri === undefined ? {} : { mongodbUri }),
    toStart,
  };
}

/** The registry started here speaks to Kafka in the clear; it has no place for the credentials. */
function isSecured(env: NodeJS.ProcessEnv): boolean {
  const ssl = settingOf(env, 'TOKENLINE_KAFKA_SSL')?.toLowerCase();
  if (ssl !== undefined && !['false', '0', 'no', 'off'].includes(ssl)) return true;
  return Object.keys(env).some(
    (name) => name.startsWith('TOKENLINE_KAFKA_SASL_') && settingOf(env, name) !== undefined,
  );
}

function settingOf(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === undefined || value === '' ? undefined : value;
}
