/**
 * The edge: HTTP messages acknowledged once they are durable (acks=all), against a bare fastify with kafkajs that batches the same way. Each
 * is posted to by a process of its own over 64 connections, each sending its next message when the last is acknowledged.
 *
 * The service as it ships also normalizes, in the same process. Here its MongoDB cannot be reached, so the normalizer waits and the doors have the
 * process to themselves; the whole way shows both at once.
 */
import { freePorts, type Instance, type System } from '../system.js';
import { type Child, startChild } from './child.js';
import { measureCpu } from './cpu.js';
import { messagesPerToken } from './messages.js';
import type { Go as GoNow, Post, PosterSays } from './poster.js';
import type { ServerArgs } from './raw/server.js';
import { type Compared, compare, type Go } from './rounds.js';
import type { Say } from './say.js';
import { serversOf } from './servers.js';
import { openStage, orClosed } from './stage.js';

const connections = 64;
/** For so many rounds, 100,000 messages, both sides get faster: V8 compiles for that long. Fewer when fewer are counted. */
const warmUps = 5;

export async function measureEdge(
  options: { readonly count: number; readonly launches: number; readonly rounds: number },
  say: Say,
): Promise<Compared> {
  const poster = startChild<Post | GoNow, PosterSays>('poster', {});
  const tokens = Math.ceil(options.count / messagesPerToken / 4) * 4;
  let launched: Launched | undefined;
  const post = async (round: number, name: 'product' | 'baseline'): Promise<Go> => {
    const { system, product, baseline } = launched as Launched;
    const { process, pid, port } = name === 'product' ? product : baseline;
    const firstToken = 4_000 + round * tokens;
    poster.send({ post: { port, connections, firstToken, tokens } });
    await poster.next();
    const cpu = measureCpu({ [process]: pid, poster: poster.pid, ...serversOf(system) });
    poster.send({ go: true });
    const { count, seconds, p50, p99, refused, repeated } = await posted(poster);
    if (refused + repeated > 0) throw new Error(`${process} refused ${refused + repeated} of ${count} messages.`);
    return { count, seconds, cpuMs: cpu(), more: { ackP50: p50, ackP99: p99 } };
  };
  try {
    return await compare(
      {
        bench: 'edge',
        unit: 'messages',
        rounds: options.rounds,
        warmUps: Math.min(warmUps, options.rounds + 1),
        launches: options.launches,
        launch: async () => {
          await launched?.stop();
          launched = await launchBoth();
        },
        product: { process: 'ingest', go: (round) => post(round, 'product') },
        baseline: { process: 'server', go: (round) => post(round, 'baseline') },
      },
      say,
    );
  } finally {
    await poster.stop();
    await launched?.stop();
  }
}

/** Both sides, on topics of their own: nothing is left of the launch before. */
interface Launched {
  readonly system: System;
  readonly product: Door;
  readonly baseline: Door;
  readonly stop: () => Promise<void>;
}

interface Door {
  readonly process: 'ingest' | 'server';
  readonly pid: number;
  readonly port: number;
}

async function launchBoth(): Promise<Launched> {
  const stage = await openStage([]);
  const { system, named, makeTopics, close } = stage;
  return orClosed(stage, async () => {
    await makeTopics('raw.inbound');
    const [port = 0] = await freePorts(1);
    const server = startChild<object, { listening: true }>('raw/server', {
      brokers: system.config.kafka.brokers,
      topic: named('raw.inbound'),
      port,
    } satisfies ServerArgs);
    await server.next();
    const ingest = withoutMongo(system);
    await ingest.ready();
    return {
      system,
      product: { process: 'ingest', pid: ingest.process.pid, port: system.config.ports.ingest },
      baseline: { process: 'server', pid: server.pid, port },
      stop: async () => {
        await server.stop();
        await close();
      },
    };
  });
}

/** The ingest service with doors that work and a normalizer that waits. */
export function withoutMongo(system: System): Instance {
  return system.spawn('ingest', {
    TOKENLINE_LOG_LEVEL: 'silent',
    TOKENLINE_MONGODB_URI: 'mongodb://127.0.0.1:9/?replicaSet=rs0&serverSelectionTimeoutMS=30000',
  });
}

async function posted(poster: Child<Post | GoNow, PosterSays>) {
  for (;;) {
    const says = await poster.next();
    if ('posted' in says) return says.posted;
  }
}
