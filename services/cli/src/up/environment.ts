/** The environment of the services: what was given, and where the stack is. */
import type { Stack } from '@tokenline/local';
import { type Config, ConfigError, loadConfig } from '@tokenline/runtime';
import { CliError } from '../errors.js';
import { withoutBlanks } from '../settings.js';

/** The configuration `env` makes; `missing` stands in for addresses that are not known yet. Throws CliError naming what is wrong. */
export function configOf(env: NodeJS.ProcessEnv, missing?: string): Config {
  const standIns = missing === undefined ? {} : addressVariables(missing, missing, missing);
  try {
    return loadConfig({ ...standIns, ...withoutBlanks(env) });
  } catch (error) {
    if (error instanceof ConfigError) throw new CliError(error.problems.join(' '));
    throw error;
  }
}

function addressVariables(brokers: string, registry: string, mongodb: string): Record<string, string> {
  return {
    TOKENLINE_KAFKA_BROKERS: brokers,
    TOKENLINE_SCHEMA_REGISTRY_URL: registry,
    TOKENLINE_MONGODB_URI: mongodb,
  };
}

/** The environment with the addresses of the stack, whether started here or configured. */
export function withAddresses(env: NodeJS.ProcessEnv, { addresses }: Stack): NodeJS.ProcessEnv {
  const { kafkaBrokers, schemaRegistryUrl, mongodbUri } = addresses;
  return { ...env, ...addressVariables(kafkaBrokers.join(','), schemaRegistryUrl, mongodbUri) };
}
