import { createLogger, Registry } from '@tokenline/runtime';
import type { Collections } from '@tokenline/store';
import type { InRecord } from '@tokenline/streams';
import { describe, expect, it } from 'vitest';
import { createMeters } from './meters.js';
import { type Projecting, projectDeadLetters, projectEvents } from './project.js';
import { changed, deadLetter, noon } from './sample-events.js';

const record: InRecord = {
  topic: 'token.lifecycle',
  partition: 0,
  offset: 0,
  key: 't1',
  value: Buffer.from('x'),
  headers: {},
  timestamp: 0,
};

/** Everything works until told otherwise. */
function projecting(broken: Partial<Record<'mongodb' | 'registry' | 'log', boolean>>, metrics: Registry, good = true) {
  const orFail = (part: keyof typeof broken) => async () => {
    if (broken[part]) throw new Error(`${part} away`);
  };
  const collection = { bulkWrite: orFail('mongodb') };
  return {
    codec: {
      encode: () => Buffer.from('y'),
      decode: async () => {
        await orFail('registry')();
        return good ? { ok: true, ...changed('t1', 1) } : { ok: false, reason: 'undecodable', message: 'x' };
      },
    },
    into: { tokens: collection, timeline: collection } as unknown as Collections,
    writer: { write: orFail('log') },
    putAside: async () => ({ topic: 'token.dead-letters', key: 'd', value: Buffer.from('z') }),
    meters: createMeters(metrics),
    log: createLogger('test', 'silent'),
  } satisfies Projecting as Projecting;
}

describe('a batch', () => {
  const signal = new AbortController().signal;

  it.each([
    ['mongodb', true],
    ['registry', true],
    ['log', false],
  ] as const)('is refused, so that it comes again, while %s is away', async (part, good) => {
    const broken = { [part]: true };
    const metrics = new Registry();
    const onRecords = projectEvents(projecting(broken, metrics, good));
    await expect(onRecords([record], signal)).rejects.toThrow(`${part} away`);
    expect(await metrics.metrics()).not.toMatch(/events_total\{.*\} 1/);
    broken[part] = false;
    await onRecords([record], signal);
    expect(await metrics.metrics()).toMatch(/events_total\{.*\} 1/);
  });
});

describe('a long batch', () => {
  /** A collection that takes its time, and how it was written to. */
  function slow() {
    const sizes: number[] = [];
    const seconds: unknown[] = [];
    let writing = 0;
    let most = 0;
    const bulkWrite = async (operations: readonly object[]): Promise<void> => {
      sizes.push(operations.length);
      seconds.push(operations[1]);
      most = Math.max(most, ++writing);
      await new Promise((resolve) => setTimeout(resolve, 20));
      writing--;
    };
    return { bulkWrite, sizes, seconds, most: () => most };
  }
  const batch = (length: number): InRecord[] => Array.from({ length }, (_, offset) => ({ ...record, offset }));
  const signal = new AbortController().signal;

  it('of events is written in portions, several at once', async () => {
    const collection = slow();
    const into = { tokens: { bulkWrite: async () => undefined }, timeline: collection } as unknown as Collections;
    await projectEvents({ ...projecting({}, new Registry()), into })(batch(2_500), signal);
    expect(collection.sizes).toEqual([1_000, 1_000, 500]);
    expect(collection.most()).toBeGreaterThan(1);
    expect(collection.most()).toBeLessThanOrEqual(3);
  });

  it('of dead letters is written in portions, in their order, one at a time', async () => {
    const collection = slow();
    const with_ = projecting({}, new Registry());
    const codec = { ...with_.codec, decode: async () => ({ ok: true, ...deadLetter('d1', noon) }) as const };
    const into = { deadLetters: collection } as unknown as Collections;
    await projectDeadLetters({ ...with_, codec, into })(batch(2_500), signal);
    expect(collection.sizes.reduce((sum, size) => sum + size)).toBe(2 * 2_500);
    expect(collection.most()).toBe(1);
    // The first operation on a letter only makes sure it is there; the second carries the offset.
    const marks = [0, 1_000, 2_000].map((offset) => ({ updateOne: { update: { $set: { 'watermarks.p0': offset } } } }));
    expect(collection.seconds).toMatchObject(marks);
  });
});
