import { topics } from '@tokenline/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually, freshLog, kafkaConfig, readAll, silentLog } from './given.js';
import { disk } from './given-disk.js';
import { createLog, type Log } from './log.js';
import type { LogReader } from './ports.js';
import type { PartitionLogic, Processor, ProcessorOptions } from './processor.js';

/** Sums numbers by key: each input gives one output with the running sum, and the changelog holds the sum. */
function summing(hooks: { readonly fail?: () => boolean } = {}): (partition: number) => PartitionLogic {
  return (partition) => async (records, state) => {
    const sums = new Map<string, number>();
    const outputs = records.map((record) => {
      const sum = (sums.get(record.key) ?? Number(state.get(record.key) ?? 0)) + Number(record.value);
      sums.set(record.key, sum);
      return { topic: 'token.lifecycle', partition, key: record.key, value: Buffer.from(String(sum)) } as const;
    });
    if (hooks.fail?.()) throw new Error('a fault in the logic');
    const changes = [...sums].map(
      ([key, sum]) => ({ topic: 'lifecycle.store', partition, key, value: Buffer.from(String(sum)) }) as const,
    );
    return [...outputs, ...changes];
  };
}

const names = ['token.facts', 'token.lifecycle', 'lifecycle.store'] as const;
const options = (open: ProcessorOptions['open'], stateDirectory = disk()): ProcessorOptions => ({
  group: 'sums',
  input: 'token.facts',
  changelog: 'lifecycle.store',
  open,
  stateDirectory,
  maxRecords: 10,
});

async function write(log: Log, count: number, keys: number): Promise<void> {
  const writer = log.writer();
  await writer.write(
    Array.from(
      { length: count },
      (_, i) => ({ topic: 'token.facts', key: `k${i % keys}`, value: Buffer.from('1') }) as const,
    ),
  );
  await writer.close();
}

/** Running sums of each key as published: exactly 1, 2, 3 … when nothing was lost and nothing doubled. */
async function publishedSums(log: Log): Promise<Record<string, number[]>> {
  const sums: Record<string, number[]> = {};
  for (const record of await readAll(log, 'token.lifecycle'))
    sums[record.key] = [...(sums[record.key] ?? []), Number(record.value)];
  return sums;
}

/** Like summing, but each input leads to as much as `bytes` more. */
function bulky(bytes: number): (partition: number) => PartitionLogic {
  return (partition) => {
    const sum = summing()(partition);
    return async (records, state) => [
      ...(await sum(records, state)),
      ...records.map(
        ({ key }) => ({ topic: 'token.lifecycle', partition, key: `bulk-${key}`, value: Buffer.alloc(bytes) }) as const,
      ),
    ];
  };
}

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

const running: LogReader[] = [];
afterEach(async () => {
  for (const reader of running.splice(0)) await reader.stop();
});

describe('the exactly-once processor', () => {
  it.each([
    ['its own disk', false],
    ['an empty disk', true],
  ])('publishes once for each input, restores after a restart from %s and goes on', async (_, emptied) => {
    const { log } = await freshLog(names);
    const own = disk();
    await write(log, 60, 4);
    const first = await log.process(options(summing(), own));
    await eventually('the first 60', async () => Object.values(await publishedSums(log)).flat().length === 60);
    await first.stop();
    await write(log, 40, 4);
    running.push(await log.process(options(summing(), emptied ? disk() : own)));
    await eventually('all 100', async () => Object.values(await publishedSums(log)).flat().length >= 100);
    expect(await publishedSums(log)).toEqual({ k0: upTo(25), k1: upTo(25), k2: upTo(25), k3: upTo(25) });
  });

  it('opens every partition though nothing comes in, says what falls due in each, and whether something is unread', async () => {
    const { log } = await freshLog(names);
    const own = disk();
    const sum = summing();
    const dueLogic: ProcessorOptions['open'] = (partition) => {
      const logic = sum(partition);
      return async (records, state) => {
        const outputs = (await logic(records, state)).map((record) =>
          record.topic === 'lifecycle.store' ? { ...record, headers: { due: record.key.slice(1) } } : record,
        );
        // The log then ends with what no reader is shown: the end of this transaction.
        const more = records
          .filter(({ value }) => String(value) === '1')
          .map(({ key }) => ({ topic: 'token.facts', partition, key, value: Buffer.from('2') }) as const);
        return [...outputs, ...more];
      };
    };
    const dueOptions = { ...options(dueLogic, own), dueHeader: 'due' };
    const due = (processor: Processor) =>
      processor
        .open()
        .flatMap(({ store }) => store.due(10, 10).map(({ key }) => key))
        .sort();
    await write(log, 20, 20);
    const first = await log.process(dueOptions);
    await eventually('all 40 sums', async () => Object.values(await publishedSums(log)).flat().length === 40);
    await eventually('the end of every partition', async () => (await first.caughtUp()).size === first.open().length);
    const early = ['k0', 'k1', 'k10', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7', 'k8', 'k9'];
    await eventually('the index', () => due(first).length >= early.length);
    expect(due(first)).toEqual(early);
    await first.stop();
    for (const stateDirectory of [own, disk()]) {
      const again = await log.process({ ...dueOptions, stateDirectory });
      await eventually('every partition', async () => (await again.caughtUp()).size === 6);
      expect(due(again)).toEqual(early);
      await again.stop();
    }
    await write(log, 20, 20);
    let hold = gate();
    const slow = await log.process({
      ...dueOptions,
      open: (partition) => {
        const logic = dueLogic(partition);
        return async (records, state) => hold.opened.then(() => logic(records, state));
      },
    });
    running.push(slow);
    await eventually('every partition', () => slow.open().length === 6);
    expect((await slow.caughtUp()).size).toBeLessThan(6);
    hold.open();
    await eventually('all 80 sums', async () => Object.values(await publishedSums(log)).flat().length === 80);
    await slow.caughtUp();
    await eventually('the end as it stays', async () => (await slow.caughtUp()).size === 6);
    hold = gate();
    await write(log, 20, 20);
    expect((await slow.caughtUp()).size, 'what has come in since it was asked last does not count').toBe(6);
    expect((await slow.caughtUp()).size).toBeLessThan(6);
    hold.open();
  });

  it('asks for a partition that cannot be opened by one attempt at a time, and opens it once it can', async () => {
    const { log, prefix } = await freshLog(['token.facts', 'token.lifecycle']);
    const refused = new Map<Error, number[]>();
    const warn = ({ err, partition }: { readonly err: Error; readonly partition: number }) =>
      refused.set(err, [...(refused.get(err) ?? []), partition]);
    const listening: typeof silentLog = Object.assign(Object.create(silentLog), { warn });
    const heard = createLog(kafkaConfig(), prefix, listening, 'heard');
    const processor = await heard.process({ ...options(summing()), dueHeader: 'due' });
    running.push(processor);
    await eventually('three attempts without a changelog', () => refused.size >= 3, 45_000);
    for (const partitions of refused.values()) expect(partitions).toEqual([...new Set(partitions)]);
    await log.ensureTopics(topics.filter(({ name }) => name === 'lifecycle.store'));
    await eventually('every partition', () => processor.open().length === 6, 45_000);
  });

  it('calls a partition caught up only once its state shows what was processed', async () => {
    const { log } = await freshLog(names);
    const processor = await log.process({ ...options(summing()), dueHeader: 'due' });
    running.push(processor);
    await eventually('every partition', () => processor.open().length === 6);
    const seen: string[] = [];
    for (const written of upTo(30)) {
      await write(log, 1, 1);
      await processor.caughtUp();
      const until = Date.now() + 30_000;
      // Asked without a rest: what is looked for lasts as long as a write to the disk.
      while ((await processor.caughtUp()).size < 6 && Date.now() < until);
      const sums = processor.open().map(({ store }) => String(store.get('k0') ?? ''));
      seen.push(`${written}: ${sums.join('')}`);
    }
    expect(seen).toEqual(upTo(30).map((n) => `${n}: ${n}`));
  });

  it('shows nobody by which records it holds its partitions', async () => {
    const { log } = await freshLog(names);
    await write(log, 1, 1);
    running.push(await log.process(options(summing())));
    await eventually('the sum', async () => (await readAll(log, 'lifecycle.store')).length > 0);
    expect((await readAll(log, 'lifecycle.store')).map(({ key }) => key)).toEqual(['k0']);
  });

  it('redoes a batch whose logic failed, without loss or doubling', async () => {
    const { log } = await freshLog(names);
    await write(log, 50, 3);
    let calls = 0;
    running.push(await log.process(options(summing({ fail: () => calls++ % 3 === 1 }))));
    await eventually('all 50', async () => Object.values(await publishedSums(log)).flat().length >= 50);
    expect(await publishedSums(log)).toEqual({ k0: upTo(17), k1: upTo(17), k2: upTo(16) });
  });

  it('goes on with every other partition while the logic of one fails', async () => {
    const { log } = await freshLog(names);
    await write(log, 60, 12);
    const [broken] = (await readAll(log, 'token.facts')).filter(({ key }) => key === 'k0');
    const sum = summing();
    running.push(
      await log.process(
        options((partition) => {
          const logic = sum(partition);
          return (records, state) =>
            partition === broken?.partition ? Promise.reject(new Error('a fault in the logic')) : logic(records, state);
        }),
      ),
    );
    const others = (await readAll(log, 'token.facts')).filter(({ partition }) => partition !== broken?.partition);
    const published = async () => Object.values(await publishedSums(log)).flat().length;
    await eventually('all but those of that partition', async () => (await published()) >= others.length);
    await write(log, 60, 12);
    await eventually('the same once more', async () => (await published()) >= 2 * others.length);
    const keys = [...new Set(others.map(({ key }) => key))];
    expect(await publishedSums(log)).toEqual(Object.fromEntries(keys.map((key) => [key, upTo(10)])));
  });

  it('commits what follows from a batch whole, also when it is more than a broker takes at once', async () => {
    const { log } = await freshLog(names);
    await write(log, 20, 2);
    running.push(await log.process(options(bulky(300_000))));
    const sums = async () => {
      const { k0 = [], k1 = [], ...bulk } = await publishedSums(log);
      return { k0, k1, bulk: Object.values(bulk).flat().length };
    };
    await eventually('all 20', async () => (await sums()).bulk >= 20);
    expect(await sums()).toEqual({ k0: upTo(10), k1: upTo(10), bulk: 20 });
  });

  it('stays exact while instances come and go', async () => {
    const { log, prefix } = await freshLog(names);
    const other = createLog(kafkaConfig(), prefix, silentLog, 'other');
    const first = await log.process(options(summing()));
    await write(log, 60, 5);
    running.push(await other.process(options(summing())));
    await write(log, 60, 5);
    await eventually('half of it', async () => Object.values(await publishedSums(log)).flat().length >= 60);
    await first.stop();
    await write(log, 30, 5);
    await eventually('all 150', async () => Object.values(await publishedSums(log)).flat().length >= 150, 45_000);
    expect(await publishedSums(log)).toEqual(Object.fromEntries([0, 1, 2, 3, 4].map((k) => [`k${k}`, upTo(30)])));
  });

  it('fences a zombie: an instance that still believes it owns a partition cannot commit', async () => {
    const { log, prefix } = await freshLog(names);
    await write(log, 1, 1);
    const { opened: held, open: release } = gate();
    const slow = summing();
    let entered = false;
    const zombie = await log.process(
      options((partition) => {
        const logic = slow(partition);
        return async (records, state) => {
          entered = true;
          await held;
          return logic(records, state);
        };
      }),
    );
    await eventually('the zombie to be inside its batch', () => entered);
    // A second owner of the same partitions, as after a rebalance the first has not heard of.
    const heir = createLog(kafkaConfig(), prefix, silentLog, 'heir');
    running.push(await heir.process({ ...options(summing()), group: 'sums' }));
    release();
    await eventually('the sum', async () => Object.values(await publishedSums(log)).flat().length >= 1, 45_000);
    await write(log, 3, 1);
    await eventually('the rest', async () => Object.values(await publishedSums(log)).flat().length >= 4, 45_000);
    expect(await publishedSums(log)).toEqual({ k0: upTo(4) });
    await zombie.stop();
  });
});
