/** A run: one stack, systems on it one after the other, round upon round, until a round fails or all are through. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Stack, type StackPart, startStack } from '@tokenline/local';
import { generateKeySet } from '@tokenline/sealing';
import { root } from '../root.js';
import { startSystem } from '../system.js';
import { createFleet, type Fleet } from './fleet.js';
import type { RoundPlan } from './plan.js';
import { armVariable } from './points.js';
import { described, type RoundFailed, type RoundResult, runRound } from './round.js';
import { openWorld, type World } from './world/world.js';

export interface RunOptions {
  readonly plans: readonly RoundPlan[];
  /** After so many a new system begins with an empty log. */
  readonly roundsPerSystem: number;
  readonly home: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface RunReport {
  /** Rounds begun, the failed one last. */
  readonly begun: readonly RoundPlan[];
  readonly survived: number;
  readonly messages: number;
  readonly tokens: number;
  readonly failure?: {
    readonly plan: RoundPlan;
    readonly error: RoundFailed | Error;
    readonly logs: readonly string[];
  };
}

/** Shorter than in production, so that a lost instance is missed soon; our local broker allows it. */
const sessionTimeoutMs = 3_000;

interface Running {
  readonly fleet: Fleet;
  readonly world: World;
  rounds: number;
}

export async function run({ plans, roundsPerSystem, home, say, signal }: RunOptions): Promise<RunReport> {
  const {
    TOKENLINE_KAFKA_BROKERS: _k,
    TOKENLINE_SCHEMA_REGISTRY_URL: _r,
    TOKENLINE_MONGODB_URI: _m,
    ...env
  } = process.env;
  const stack = await startStack({ env, freePorts: true, fresh: true, home, onProgress: say, signal });
  let running: Running | undefined;
  const interrupt = () => void running?.fleet.stop();
  signal.addEventListener('abort', interrupt);
  const begun: RoundPlan[] = [];
  let messages = 0;
  let tokens = 0;
  try {
    for (const plan of plans) {
      if (signal.aborted) break;
      if (running === undefined || running.rounds === roundsPerSystem) {
        tokens += running?.world.lives.size ?? 0;
        await end(running);
        running = undefined;
        running = await begin(stack, home);
      }
      const { fleet, world } = running;
      begun.push(plan);
      const started = performance.now();
      try {
        const result = await runRound(plan, { stack, fleet, world, signal });
        messages += result.messages;
        running.rounds += 1;
        say(lineOf(plan, plans.length, result, performance.now() - started));
      } catch (error) {
        if (signal.aborted) {
          begun.pop();
          break;
        }
        const logs = [join(world.system.home, 'logs'), join(home, 'logs')];
        tokens += world.lives.size;
        return { begun, survived: begun.length - 1, messages, tokens, failure: { plan, error: error as Error, logs } };
      }
    }
    tokens += running?.world.lives.size ?? 0;
    return { begun, survived: begun.length, messages, tokens };
  } finally {
    signal.removeEventListener('abort', interrupt);
    resume(stack);
    await end(running);
    await stack.stop();
  }
}

async function begin(stack: Stack, home: string): Promise<Running> {
  const folder = join(home, 'points');
  const preload = pathToFileURL(join(root, 'test/dist/chaos/crash-points.js')).href;
  const { kafkaBrokers, schemaRegistryUrl, mongodbUri } = stack.addresses;
  const system = await startSystem({
    env: {
      TOKENLINE_SEALING_KEYS: generateKeySet(),
      TOKENLINE_KAFKA_BROKERS: kafkaBrokers.join(','),
      TOKENLINE_SCHEMA_REGISTRY_URL: schemaRegistryUrl,
      TOKENLINE_MONGODB_URI: mongodbUri,
      TOKENLINE_KAFKA_SESSION_TIMEOUT_MS: String(sessionTimeoutMs),
      NODE_OPTIONS: `--import=${preload}`,
      [armVariable]: folder,
    },
  });
  const fleet = createFleet(system, folder);
  try {
    return { fleet, world: await openWorld(system), rounds: 0 };
  } catch (error) {
    await fleet.stop();
    throw error;
  }
}

async function end(running: Running | undefined): Promise<void> {
  await running?.fleet.stop();
  await running?.world.close();
}

/** A server that stands still could not be stopped in order. */
function resume(stack: Stack): void {
  for (const part of Object.keys(stack.pids) as StackPart[]) {
    try {
      process.kill(-(stack.pids[part] as number), 'SIGCONT');
    } catch {
      // Gone.
    }
  }
}

function lineOf(plan: RoundPlan, of: number, { messages, tokens, ownEnds, seconds }: RoundResult, ms: number): string {
  const faults = plan.faults.map(({ card, at }) => `${card.id} at ${at} %`).join(' + ');
  const { faults: sending, settling, verify } = seconds;
  const times = [ms / 1000, sending, settling, verify].map((value) => value.toFixed(1));
  const own = ownEnds.length === 0 ? '' : ` · restarted by its supervisor: ${ownEnds.map(described).join('; ')}`;
  return (
    `round ${String(plan.round).padStart(String(of).length)}/${of}  ${faults.padEnd(44)}  ${messages} messages · ${tokens} tokens so far` +
    ` · verify green · ${times[0]} s (sending ${times[1]}, settling ${times[2]}, verify ${times[3]})${own}`
  );
}
