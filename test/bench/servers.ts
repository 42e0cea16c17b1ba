/** The processes a bench accounts for: the services, and the servers behind them where they run on this machine. */
import type { System } from '../system.js';
import { until } from '../wait.js';
import { listenerOn, type Pids } from './cpu.js';

/** Pids by name: the services named, then kafka, mongodb and registry as far as they are found. */
export function pidsOf(system: System, services: readonly Parameters<System['instance']>[0][]): Pids {
  const own = services.map((service) => [service, system.instance(service).process.pid] as const);
  return { ...Object.fromEntries(own), ...serversOf(system) };
}

/** The servers alone. */
export function serversOf({ config }: System): Pids {
  const addresses = {
    kafka: `http://${config.kafka.brokers[0]}`,
    mongodb: config.mongodbUri.replace('mongodb:', 'http:'),
    registry: config.schemaRegistryUrl,
  };
  return Object.fromEntries(
    Object.entries(addresses).flatMap(([name, address]) => {
      const pid = listenerOn(Number(new URL(address).port));
      return pid === undefined ? [] : [[name, pid] as const];
    }),
  );
}

/** JavaScript heap in use of the service at that address, MiB. */
export async function heapMiB(url: string): Promise<number> {
  return (await metricOf(url, 'nodejs_heap_size_used_bytes')) / 2 ** 20;
}

/** Until the lifecycle service at that address has its local state on disk. Throws after half a minute. */
export async function stateWritten(url: string): Promise<void> {
  const isWritten = async (): Promise<boolean> => (await metricOf(url, 'tokenline_lifecycle_state_unwritten')) === 0;
  await until('the local state is on disk', isWritten);
}

async function metricOf(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const value = new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'm').exec(text)?.[1];
  if (value === undefined) throw new Error(`The service does not tell ${name}.`);
  return Number(value);
}
