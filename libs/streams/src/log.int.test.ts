import { createRequire } from 'node:module';
import { topics } from '@tokenline/contracts';
import { describe, expect, it, vi } from 'vitest';
import { eventually, freshLog, freshPrefix, kafkaConfig, readAll, silentLog } from './given.js';
import { createLog } from './log.js';
import { type InRecord, LogUnavailable } from './ports.js';

const require = createRequire(import.meta.url);

/** While `work` goes on, the first `times` questions for a group's coordinator get kafkajs' own error for a broker that knows none. */
async function withoutCoordinator(times: number, work: (asked: () => number) => Promise<void>): Promise<void> {
  const { prototype } = require('kafkajs/src/cluster');
  const { KafkaJSGroupCoordinatorNotFound } = require('kafkajs/src/errors');
  const real = prototype.findGroupCoordinatorMetadata;
  let asked = 0;
  prototype.findGroupCoordinatorMetadata = function find(...rest: unknown[]) {
    asked += 1;
    if (asked <= times) throw new KafkaJSGroupCoordinatorNotFound('Failed to find group coordinator');
    return real.apply(this, rest);
  };
  try {
    await work(() => asked);
  } finally {
    prototype.findGroupCoordinatorMetadata = real;
  }
}

/** While `work` goes on, the first heartbeat of any consumer fails with `error`. */
async function withMissedHeartbeat(error: Error, work: () => Promise<void>): Promise<void> {
  const { prototype } = require('kafkajs/src/consumer/consumerGroup');
  const heartbeat = vi.spyOn(prototype, 'heartbeat').mockRejectedValueOnce(error);
  try {
    await work();
    expect(heartbeat.mock.calls.length).toBeGreaterThan(1);
  } finally {
    heartbeat.mockRestore();
  }
}

const record = (key: string, text = key) =>
  ({ topic: 'tsp.inbound', key, value: Buffer.from(text), headers: { h: 'v' } }) as const;

describe('topics', () => {
  it('are created as stated, and a difference is reported and left alone', async () => {
    const { log, prefix } = await freshLog(['token.facts', 'token.state']);
    const stated = topics.filter((t) => t.name === 'token.facts' || t.name === 'token.state');
    expect(await log.ensureTopics(stated)).toEqual({ created: [], mismatches: [] });
    const others = stated.map((t) => ({ ...t, partitions: 9, cleanup: 'delete', retentionMs: 1_000 }) as const);
    expect((await log.ensureTopics(others)).mismatches).toEqual([
      `Topic ${prefix}token.facts has 6 partitions, stated are 9.`,
      `Topic ${prefix}token.facts has retention.ms=-1, stated is 1000.`,
      `Topic ${prefix}token.state has 6 partitions, stated are 9.`,
      `Topic ${prefix}token.state has cleanup.policy=compact, stated is delete.`,
      `Topic ${prefix}token.state has retention.ms=-1, stated is 1000.`,
    ]);
  });
});

describe('writing and reading', () => {
  it('keeps what was acknowledged, with key and headers, one key in order', async () => {
    const { log } = await freshLog(['tsp.inbound']);
    const writer = log.writer();
    await Promise.all(Array.from({ length: 300 }, (_, i) => writer.write([record(`key${i % 7}`, String(i))])));
    await writer.close();
    const records = await readAll(log, 'tsp.inbound');
    expect(records.map((r) => Number(r.value)).sort((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, i) => i));
    for (let key = 0; key < 7; key++) {
      const numbers = records.filter((r) => r.key === `key${key}`).map((r) => Number(r.value));
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    }
    expect(records[0]).toMatchObject({ topic: 'tsp.inbound', headers: { h: 'v' } });
  });

  it('keeps what is written at the same time, also when it is more than a broker takes at once', async () => {
    const { log } = await freshLog(['tsp.inbound']);
    const writer = log.writer({ timeoutMs: 30_000 });
    const texts = Array.from({ length: 12 }, (_, n) => String(n).repeat(150_000));
    await Promise.all(texts.map((text) => writer.write([record('a', text)])));
    await writer.write(texts.map((text) => record('b', text)));
    await writer.close();
    const records = await readAll(log, 'tsp.inbound');
    for (const key of ['a', 'b'])
      expect(records.filter((r) => r.key === key).map((r) => String(r.value))).toEqual(texts);
  });

  it('hands the same records over again after a handler failed, and goes on where it stopped', async () => {
    const { log } = await freshLog(['tsp.inbound']);
    const writer = log.writer();
    await writer.write([record('a', '1'), record('a', '2')]);
    let failures = 2;
    const seen: string[] = [];
    const onRecords = async (records: readonly InRecord[]): Promise<void> => {
      if (failures-- > 0) throw new TypeError('the kind of error that stops a bare kafkajs consumer for good');
      seen.push(...records.map((r) => String(r.value)));
    };
    const first = await log.read({ group: 'g', topics: ['tsp.inbound'], onRecords });
    await eventually('both records', () => seen.length === 2);
    await first.stop();
    await writer.write([record('a', '3')]);
    const second = await log.read({ group: 'g', topics: ['tsp.inbound'], onRecords });
    await eventually('the third record', () => seen.includes('3'));
    expect(seen).toEqual(['1', '2', '3']);
    expect(second.problem()).toBeUndefined();
    await second.stop();
    await writer.close();
  });

  it('says so when a handler has had the same records in hand for minutes, and no more once it has done', async () => {
    const { log } = await freshLog(['tsp.inbound']);
    const writer = log.writer();
    await writer.write([record('a')]);
    let finish: () => void = () => undefined;
    const handling = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let inHand = 0;
    const onRecords = (records: readonly InRecord[]): Promise<void> => {
      inHand = records.length;
      return handling;
    };
    const reader = await log.read({ group: 'g', topics: ['tsp.inbound'], onRecords });
    await eventually('the record is in hand', () => inHand === 1);
    expect(reader.problem()).toBeUndefined();
    const problemIn = (ms: number): string | undefined => {
      vi.spyOn(performance, 'now').mockReturnValueOnce(performance.now() + ms);
      return reader.problem();
    };
    expect(problemIn(180_000)).toMatch(/^g has had the same records in hand for 18\d s\.$/);
    finish();
    await eventually('the commit', async () => (await log.committed('g', 'tsp.inbound')).size > 0);
    expect(problemIn(180_000)).toBeUndefined();
    await reader.stop();
    await writer.close();
  });

  it('reads on from where a reading ended, and tells how far a group has committed', async () => {
    const { log } = await freshLog(['tsp.inbound']);
    const writer = log.writer();
    const read = async (from: ReadonlyMap<number, number>) => {
      const seen: string[] = [];
      const ends = await log.scanFrom('tsp.inbound', from, (r) => void seen.push(String(r.value)));
      return { seen, ends };
    };
    await writer.write([1, 2, 3].map((n) => ({ ...record('a', String(n)), partition: 4 })));
    const first = await read(new Map());
    expect(first.seen).toEqual(['1', '2', '3']);
    expect(first.ends.get(4)).toBe(3);
    await writer.write([{ ...record('a', '4'), partition: 4 }]);
    expect((await read(first.ends)).seen).toEqual(['4']);
    expect((await read((await read(first.ends)).ends)).seen).toEqual([]);

    expect(await log.committed('g', 'tsp.inbound')).toEqual(new Map());
    const group = await log.read({ group: 'g', topics: ['tsp.inbound'], onRecords: async () => undefined });
    await eventually('the commit', async () => (await log.committed('g', 'tsp.inbound')).get(4) === 4);
    await group.stop();
    await writer.close();
  });

  it('scans every record once and in order, though the consumer breaks down or its group meets again on the way', async () => {
    const { KafkaJSNonRetriableError, KafkaJSProtocolError } = require('kafkajs/src/errors');
    const { log } = await freshLog(['tsp.inbound']);
    const writer = log.writer();
    const large = 'x'.repeat(200_000);
    const sent = Array.from({ length: 30 }, (_, n) => `${n} ${large}`);
    for (const text of sent) await writer.write([record('a', text)]);
    await writer.close();
    const breaks = [
      new KafkaJSNonRetriableError('broken'),
      new KafkaJSProtocolError({ type: 'REBALANCE_IN_PROGRESS', code: 27, retriable: false, message: 'meeting again' }),
      new KafkaJSProtocolError({ type: 'UNKNOWN_MEMBER_ID', code: 25, retriable: false, message: 'forgotten' }),
    ];
    for (const broken of breaks) {
      const seen: string[] = [];
      await withMissedHeartbeat(broken, () => log.scan('tsp.inbound', ({ value }) => void seen.push(String(value))));
      expect(seen.map((text) => text.slice(0, 2))).toEqual(sent.map((text) => text.slice(0, 2)));
    }
    await withoutCoordinator(1, async () => {
      expect(await readAll(log, 'tsp.inbound')).toHaveLength(sent.length);
    });
  });

  it('follows a topic on from where it stood when its group meets again', async () => {
    const { KafkaJSProtocolError } = require('kafkajs/src/errors');
    const { log } = await freshLog(['tsp.inbound']);
    const writer = log.writer();
    await writer.write([record('a', '1'), record('a', '2')]);
    const seen: string[] = [];
    const end = new AbortController();
    const forgotten = { type: 'UNKNOWN_MEMBER_ID', code: 25, retriable: false, message: 'forgotten' };
    await withMissedHeartbeat(new KafkaJSProtocolError(forgotten), async () => {
      const onRecord = ({ value }: InRecord): void => void seen.push(String(value));
      const following = log.follow('tsp.inbound', { fromStart: true, onRecord, signal: end.signal });
      await eventually('the first records', () => seen.length > 1);
      await writer.write([record('a', '3')]);
      await eventually('the record after', () => seen.includes('3'));
      end.abort();
      await following;
    });
    expect(seen).toEqual(['1', '2', '3']);
    await writer.close();
  });

  it('ends a scan with what its taker throws', async () => {
    const { log } = await freshLog(['tsp.inbound']);
    const writer = log.writer();
    await writer.write([record('a', '1'), record('a', '2')]);
    await writer.close();
    const seen: string[] = [];
    const scan = log.scan('tsp.inbound', ({ value }) => {
      seen.push(String(value));
      throw new Error('no more, please');
    });
    await expect(scan).rejects.toThrow('no more, please');
    expect(seen).toEqual(['1']);
  });

  it('reads on after kafkajs has given the consumer up, as it does when a restarted broker knows no coordinator yet', async () => {
    const { log } = await freshLog(['tsp.inbound']);
    const writer = log.writer();
    const seen: string[] = [];
    const onRecords = async (records: readonly InRecord[]): Promise<void> => {
      seen.push(...records.map((r) => String(r.value)));
    };
    await withoutCoordinator(1, async (asked) => {
      const reader = await log.read({ group: 'g', topics: ['tsp.inbound'], onRecords });
      await writer.write([record('a', '1')]);
      await eventually('the record', () => seen.includes('1'));
      expect(asked()).toBeGreaterThan(1);
      expect(reader.problem()).toBeUndefined();
      await reader.stop();
    });
    await writer.close();
  });

  it('refuses at once what would make too much wait, and takes it when there is room again', async () => {
    const { log } = await freshLog(['tsp.inbound']);
    const writer = log.writer({ maxWaitingBytes: 2_000 });
    const large = () => [record('a', 'x'.repeat(1_500))];
    const first = writer.write(large());
    await expect(writer.write(large())).rejects.toBeInstanceOf(LogUnavailable);
    await first;
    await writer.write(large());
    expect(await readAll(log, 'tsp.inbound')).toHaveLength(2);
    await writer.close();
  });

  it('refuses to acknowledge what no broker took, soon, and says so', async () => {
    const config = { ...kafkaConfig(), brokers: ['127.0.0.1:1'] };
    const writer = createLog(config, freshPrefix(), silentLog, 'test').writer({ timeoutMs: 1_500 });
    await expect(writer.write([record('a')])).rejects.toBeInstanceOf(LogUnavailable);
    expect(writer.problem()).toContain('does not take records');
    await writer.close();
  });
});
