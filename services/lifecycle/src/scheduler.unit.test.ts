import type { Codec, Decoded } from '@tokenline/contracts';
import { decide, standardDeadlines, type TokenFact } from '@tokenline/domain';
import { createLogger } from '@tokenline/runtime';
import { LogUnavailable, type OpenPartition, type OutRecord } from '@tokenline/streams';
import { describe, expect, it, vi } from 'vitest';
import { fact, noon } from './given.js';
import { createRound, startScheduler } from './scheduler.js';

const codec = {
  encode: (type: string, value: unknown) => Buffer.from(JSON.stringify({ type, value })),
  decode: async (bytes: Buffer): Promise<Decoded> => ({ ok: true, ...JSON.parse(bytes.toString()) }) as Decoded,
} as Codec;

const day = 86_400_000;

/** What lifecycle.store remembers of a token after these facts. */
function remembered(...facts: readonly TokenFact[]): Buffer {
  const cause = { topic: 'token.facts', partition: 0, offset: 0 };
  const memory = facts.reduce<ReturnType<typeof decide>['memory'] | undefined>(
    (before, one) => decide(before, one, cause).memory,
    undefined,
  );
  return codec.encode('tokenline.lifecyclestore.StoredToken', memory?.stored as never);
}

const requested = (token: string) => fact(token, 'PROVISIONING_REQUESTED', 0, { decision: 'APPROVED' });

/** One partition with requested tokens in its state, each due when it is said to be; the log and the clock in hand. */
function given(due: Readonly<Record<string, number>>) {
  const values = new Map(Object.keys(due).map((token) => [token, remembered(requested(token))]));
  const index = new Map(Object.entries(due));
  const world = { now: noon + day, caughtUp: true, writes: true, rules: standardDeadlines };
  const written: OutRecord[] = [];
  const fired = vi.fn();
  const open: OpenPartition = {
    partition: 4,
    store: {
      get: (key) => values.get(key),
      due: (now, most) =>
        [...index]
          .map(([key, at]) => ({ key, due: at }))
          .filter((one) => one.due <= now)
          .sort((a, b) => a.due - b.due)
          .slice(0, most),
      waiting: () => index.size,
      unwritten: () => 0,
      setDue: async (corrections) => {
        for (const { key, due: to } of corrections) to === undefined ? index.delete(key) : index.set(key, to);
      },
    },
  };
  const parts = {
    codec,
    fired,
    log: createLogger('test', 'silent'),
    now: () => world.now,
    rules: () => world.rules,
    processor: { open: () => [open], caughtUp: async () => new Set(world.caughtUp ? [4] : []) },
    writer: {
      write: async (records: readonly OutRecord[]) => {
        if (!world.writes) throw new LogUnavailable('no');
        written.push(...records);
      },
    },
    intervalMs: 5,
  };
  return { world, written, fired, index, values, parts, round: createRound(parts) };
}

describe('a round of the scheduler', () => {
  it('states what is due in the partition of its token, as a fact of the time it was due, once while its fold is awaited', async () => {
    const { world, written, fired, round } = given({ t1: noon + day, t2: noon + 2 * day });
    world.now = noon + day + 5_000;
    await round();
    await round();
    expect(written.map(({ topic, partition, key }) => ({ topic, partition, key }))).toEqual([
      { topic: 'token.facts', partition: 4, key: 't1' },
    ]);
    expect(JSON.parse(String(written[0]?.value)).value).toMatchObject({
      factId: `deadline:t1:PROVISIONING_UNFINISHED:${noon + day}`,
      occurredAt: noon + day,
      receivedAt: noon + day + 5_000,
      deadline: { purpose: 'PROVISIONING_UNFINISHED', since: noon, dueAt: noon + day },
    });
    expect(fired).toHaveBeenCalledTimes(1);
  });

  it('states the next deadline once the fold has moved the token on', async () => {
    const { world, written, index, values, round } = given({ t1: noon + day });
    await round();
    values.set('t1', remembered(requested('t1'), JSON.parse(String(written[0]?.value)).value));
    index.set('t1', noon + 7 * day);
    world.now = noon + 7 * day;
    await round();
    expect(written.map(({ value }) => JSON.parse(String(value)).value.occurredAt)).toEqual([
      noon + day,
      noon + 7 * day,
    ]);
  });

  it('waits while something of the partition is unread', async () => {
    const { world, written, round } = given({ t1: noon + day });
    world.caughtUp = false;
    await round();
    expect(written).toEqual([]);
    world.caughtUp = true;
    await round();
    expect(written).toHaveLength(1);
  });

  it('corrects what is not due after all: rules that have changed, and records from before there were deadlines', async () => {
    const { world, written, index, round } = given({ old: 0, t1: noon + day });
    world.now = noon + day - 1;
    await round();
    expect(index.get('old')).toBe(noon + day);
    world.rules = [{ purpose: 'PROVISIONING_UNFINISHED', afterMs: 2 * day }];
    world.now = noon + day;
    await round();
    expect([...index.values()]).toEqual([noon + 2 * day, noon + 2 * day]);
    world.rules = [];
    world.now = noon + 2 * day;
    await round();
    expect(index.size).toBe(0);
    expect(written).toEqual([]);
  });

  it('states every one of many, in bounded parts, each once', async () => {
    const tokens = Array.from({ length: 1_234 }, (_, n) => `t${n}`);
    const { written, round } = given(Object.fromEntries(tokens.map((token) => [token, noon + day])));
    await round();
    expect(written.length).toBeLessThan(1_234);
    await round();
    await round();
    await round();
    expect(written.map(({ key }) => key).sort()).toEqual([...tokens].sort());
  });
});

describe('the scheduler', () => {
  it('says that it cannot write, goes on trying, and tells how long the oldest has been due', async () => {
    const { world, written, fired, parts } = given({ t1: noon + day });
    world.writes = false;
    world.now = noon + day + 3_000;
    const scheduler = startScheduler(parts);
    await vi.waitFor(() => expect(scheduler.problem()).toContain('cannot be fired'));
    expect(scheduler.waiting()).toEqual([{ partition: 4, tokens: 1, lagMs: 3_000 }]);
    expect(fired).not.toHaveBeenCalled();
    world.writes = true;
    await vi.waitFor(() => expect(written).toHaveLength(1));
    await vi.waitFor(() => expect(scheduler.problem()).toBeUndefined());
    await scheduler.stop();
    expect(written).toHaveLength(1);
  });
});
