/**
 * One stack for the whole run of the `stack` tests: addresses that are configured are used as they are, the rest is started here on free ports
 * and stopped at the end, its logs' folder named in TOKENLINE_TEST_STACK_LOGS. Test files isolate themselves by topic prefix and database name.
 */
import { join, resolve } from 'node:path';
import { generateKeySet } from '@tokenline/sealing';

const variables = {
  TOKENLINE_KAFKA_BROKERS: 'kafkaBrokers',
  TOKENLINE_SCHEMA_REGISTRY_URL: 'schemaRegistryUrl',
  TOKENLINE_MONGODB_URI: 'mongodbUri',
} as const;

/** Sets the stack's addresses in the environment of the test processes; returns the step that stops what it started. */
export async function setup(): Promise<() => Promise<void>> {
  process.env.TOKENLINE_MODE = 'local';
  process.env.TOKENLINE_SEALING_KEYS ??= generateKeySet();
  if (Object.keys(variables).every((name) => process.env[name])) return async () => undefined;
  const { startStack } = await import('@tokenline/local');
  const home = resolve('.tokenline/test');
  const stack = await startStack({
    freePorts: true,
    fresh: true,
    home,
    onProgress: (line) => console.log(`stack: ${line}`),
  });
  for (const [name, part] of Object.entries(variables)) {
    process.env[name] ||= String(stack.addresses[part]);
  }
  process.env.TOKENLINE_TEST_STACK_LOGS = join(home, 'logs');
  return () => stack.stop();
}
