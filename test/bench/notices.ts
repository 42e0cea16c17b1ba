/**
 * Completion notices in a burst: so many provisionings complete at once, and every cardholder has a webhook. From the completion event (the time
 * its record of token.lifecycle was written) to the channel's hands (the webhook has the whole request). Beside it the raw rate of that channel: the
 * same client, as many requests under way, the same body, nothing else.
 */
import { createLogger } from '@tokenline/runtime';
import { createLog } from '@tokenline/streams';
import { until } from '../wait.js';
import { startChild } from './child.js';
import { measureCpu } from './cpu.js';
import { benchFact, factRecord } from './facts.js';
import type { HookSays, HooksArgs, Report } from './hooks.js';
import type { PostsArgs, PostsSays } from './raw/posts.js';
import type { Say } from './say.js';
import { serversOf } from './servers.js';
import { openStage, type Stage } from './stage.js';
import { percentile } from './stats.js';

export interface Noticed {
  readonly completions: number;
  /** From the completion event to the channel's hands, ms. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Notices a second, from the first completion event to the last arrival. */
  readonly perSecond: number;
  /** Requests a second of the channel alone. */
  readonly channelPerSecond: number;
  /** Requests that came twice. */
  readonly doubles: number;
  /** Processor time of one notice, by process, ms; of the channel alone under `channel alone`. */
  readonly cpuMs: Readonly<Record<string, number>>;
}

const cards = 1_000;
/** As many as the notifier sends at once. */
const underWay = 16;

export async function measureNotices({ count }: { readonly count: number }, say: Say): Promise<readonly Noticed[]> {
  const stage = await openStage(['ingest', 'lifecycle', 'notifier']);
  const hooks = startChild<Report, HookSays>('hooks', {} satisfies HooksArgs);
  try {
    const first = await hooks.next();
    if (!('port' in first)) throw new Error('The webhook does not listen.');
    const webhook = `http://127.0.0.1:${first.port}/hook`;
    await storeCardholders(stage, webhook);
    await stage.system.kill('ingest', 'SIGTERM');
    const arrivals = async () => {
      hooks.send({ report: true });
      const says = await hooks.next();
      if ('port' in says) throw new Error('The webhook lost its thread.');
      return says;
    };
    const burst = async (from: number, completions: number): Promise<Noticed> => {
      const begun = Date.now() - 10_000;
      const tokens = Array.from({ length: completions }, (_, n) => from + n);
      await decided(stage, tokens, (token) =>
        benchFact(token, 0, begun, { kind: 'PROVISIONING_REQUESTED', decision: 'APPROVED' }),
      );
      const { notifier, lifecycle } = {
        notifier: stage.system.instance('notifier').process.pid,
        lifecycle: stage.system.instance('lifecycle').process.pid,
      };
      const cpu = measureCpu({ notifier, lifecycle, ...serversOf(stage.system) });
      await decided(stage, tokens, (token) =>
        benchFact(token, 1, Date.now(), { kind: 'DEVICE_PROVISIONED', reportedStatus: 'ACTIVE' }),
      );
      let seen = 0;
      let saidAt = 0;
      await until(
        'every cardholder is told',
        async () => {
          seen = [...(await arrivals()).arrived].filter(([token]) => token >= from).length;
          if (performance.now() - saidAt > 5_000) {
            saidAt = performance.now();
            say(`notices: ${seen} of ${completions} told`);
          }
          return seen === completions;
        },
        900_000,
        () => seen,
      );
      const used = cpu();
      const { arrived, doubles } = await arrivals();
      const completed = await completionTimes(stage, from);
      const waits = tokens.map((token) => (arrived.get(token) as number) - (completed.get(token) as number));
      waits.sort((a, b) => a - b);
      const from0 = Math.min(...tokens.map((token) => completed.get(token) as number));
      const to = Math.max(...tokens.map((token) => arrived.get(token) as number));
      return {
        completions,
        p50: percentile(waits, 50),
        p99: percentile(waits, 99),
        max: waits.at(-1) as number,
        perSecond: (completions * 1_000) / (to - from0),
        channelPerSecond: 0,
        doubles,
        cpuMs: Object.fromEntries(Object.entries(used).map(([name, ms]) => [name, ms / completions])),
      };
    };
    say('notices: warming up');
    await burst(0, Math.min(1_000, count));
    const told = await burst(1_000_000, count);
    const posts = startChild<object, PostsSays>('raw/posts', { url: webhook, count, underWay } satisfies PostsArgs);
    const alone = await posts.next();
    await posts.stop();
    const row: Noticed = {
      ...told,
      channelPerSecond: count / alone.seconds,
      cpuMs: { ...told.cpuMs, 'channel alone': alone.cpuMs / count },
    };
    say(
      `notices: ${count} completions told p50 ${told.p50.toFixed(0)} p99 ${told.p99.toFixed(0)} ms, ${told.perSecond.toFixed(0)}/s; the channel alone ${row.channelPerSecond.toFixed(0)}/s`,
    );
    return [row];
  } finally {
    await hooks.stop();
    await stage.close();
  }
}

/** Puts a fact of each token before the lifecycle service; resolves when all are decided. */
async function decided(
  stage: Stage,
  tokens: readonly number[],
  factOf: (token: number) => Parameters<typeof factRecord>[2],
): Promise<void> {
  await stage.throughGroup({
    topic: 'token.facts',
    group: 'lifecycle',
    records: tokens.map((token) => factRecord(stage.codec, token, factOf(token))),
    process: 'lifecycle',
    pid: stage.system.instance('lifecycle').process.pid,
  });
}

async function storeCardholders({ system }: Stage, webhook: string): Promise<void> {
  for (let at = 0; at < cards; at += 200) {
    const holders = Array.from({ length: 200 }, (_, n) => ({
      cards: [{ kind: 'threddPublicToken', value: String(100_000_000 + at + n) }],
      webhook,
    }));
    const answer = await system.send('PUT', `${system.urls.ingest}/v1/cardholders`, JSON.stringify(holders));
    if (answer.status !== 200) throw new Error(`Cardholders were refused with ${answer.status}: ${answer.text}`);
  }
}

/** When the completion of each token from `from` on was written, epoch ms. */
async function completionTimes({ system }: Stage, from: number): Promise<Map<number, number>> {
  const { config } = system;
  const log = createLog(config.kafka, config.prefix, createLogger('bench', 'silent'), 'bench');
  const times = new Map<number, number>();
  await log.scan('token.lifecycle', ({ headers, key, timestamp }) => {
    const token = Number(key.slice(-12));
    if (headers.ce_type === 'tokenline.lifecycle.ProvisioningCompleted' && token >= from) times.set(token, timestamp);
  });
  return times;
}
