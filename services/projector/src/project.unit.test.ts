import { createLogger, Registry } from '@tokenline/runtime';
import type { Collections } from '@tokenline/store';
import type { InRecord } from '@tokenline/streams';
import { describe, expect, it } from 'vitest';
import { createMeters } from './meters.js';
import { type Projecting, projectEvents } from './project.js';
import { changed } from './sample-events.js';

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
