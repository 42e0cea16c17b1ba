import { createLogger, Registry as Metrics } from '@tokenline/runtime';
import type { Generation, ProjectionDoc, ProjectionName } from '@tokenline/store';
import type { InRecord, ReaderOptions } from '@tokenline/streams';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Feeding, startFeeding } from './generations.js';
import { createMeters } from './meters.js';

const record = { topic: 'token.lifecycle', partition: 0, offset: 0 } as InRecord;

function generation(number: number): Generation {
  return { number, version: 1, group: `group ${number}`, since: new Date(0) };
}

function building(number: number, hold?: string): NonNullable<ProjectionDoc['building']> {
  const until = new Date(0);
  return { ...generation(number), driver: { id: 'd', who: 'w', until }, ...(hold && { hold: { id: hold, until } }) };
}

/** A registry in memory, and what was read and written of it. */
function stand() {
  const docs: Record<ProjectionName, ProjectionDoc> = {
    tokens: { _id: 'tokens', live: generation(1), newest: 1 },
    'dead-letters': { _id: 'dead-letters', live: generation(1), newest: 1 },
  };
  const reading = new Map<string, ReaderOptions & { readonly abort: () => void; readonly signal: AbortSignal }>();
  const written: string[] = [];
  const released: string[] = [];
  let away = false;
  const parts = {
    registry: {
      read: async (name: ProjectionName) => {
        if (away) throw new Error('MongoDB is away');
        return docs[name];
      },
      release: async (_name: ProjectionName, hold: string) => void released.push(hold),
    },
    stream: {
      read: async (options: ReaderOptions) => {
        const stop = new AbortController();
        const key = `${options.topics[0]} ${options.group}`;
        reading.set(key, { ...options, abort: () => stop.abort(), signal: stop.signal });
        return {
          stop: async () => {
            stop.abort();
            reading.delete(key);
          },
          problem: () => undefined,
          lag: () => new Map([['token.lifecycle-0', 7]]),
        };
      },
    },
    project: (name: ProjectionName, number: number) => async () => void written.push(`${name} ${number}`),
    log: createLogger('test', 'silent'),
  };
  const write = (group: string): Promise<void> => {
    const reader = reading.get(`token.lifecycle ${group}`);
    if (reader === undefined) throw new Error(`Nobody reads as ${group}.`);
    return reader.onRecords([record], reader.signal);
  };
  return {
    docs,
    parts,
    written,
    released,
    readers: () => [...reading.keys()].filter((key) => key.startsWith('token.lifecycle')),
    write,
    setAway: (value: boolean) => {
      away = value;
    },
  };
}

describe('feeding', () => {
  let at: ReturnType<typeof stand>;
  let feeding: Feeding;
  const metrics = new Metrics();
  const meters = createMeters(metrics);
  beforeEach(async () => {
    vi.useFakeTimers();
    at = stand();
    feeding = await startFeeding({ ...at.parts, meters });
  });
  afterEach(async () => {
    await feeding.stop();
    vi.useRealTimers();
  });
  const registryIs = async (doc: Partial<ProjectionDoc>): Promise<void> => {
    at.docs.tokens = { ...at.docs.tokens, ...doc };
    await vi.advanceTimersByTimeAsync(1_100);
  };

  it('reads for what is live, and beside it for what is under construction, in groups of their own', async () => {
    expect(at.readers()).toEqual(['token.lifecycle group 1']);
    await registryIs({ building: building(2) });
    expect(at.readers()).toEqual(['token.lifecycle group 1', 'token.lifecycle group 2']);
    await at.write('group 1');
    await at.write('group 2');
    expect(at.written).toEqual(['tokens 1', 'tokens 2']);
    expect(await metrics.metrics()).toMatch(/lag_records\{projection="tokens",generation="2",partition=".*"\} 7/);
  });

  it('goes on without a break when a generation goes live, and stops for the one it replaced', async () => {
    await registryIs({ building: building(2) });
    const { building: _built, ...live } = { ...at.docs.tokens, live: generation(2), previous: generation(1) };
    at.docs.tokens = live;
    await at.write('group 2');
    await vi.advanceTimersByTimeAsync(1_100);
    expect(at.readers()).toEqual(['token.lifecycle group 2']);
    expect(await metrics.metrics()).not.toContain('projection="tokens",generation="1"');
  });

  it('writes nothing to the live generation while it is held, and does once the hold is lifted', async () => {
    await registryIs({ building: building(2, 'hold') });
    const waiting = at.write('group 1');
    await at.write('group 2');
    await vi.advanceTimersByTimeAsync(500);
    expect(at.written).toEqual(['tokens 2']);
    expect(at.released, 'a hold whose time is over is lifted').toContain('hold');
    at.docs.tokens = { ...at.docs.tokens, building: building(2) };
    await vi.advanceTimersByTimeAsync(100);
    await waiting;
    expect(at.written).toEqual(['tokens 2', 'tokens 1']);
  });

  it('writes and commits nothing more for a generation that was replaced while it was held', async () => {
    await registryIs({ building: building(2, 'hold') });
    const waiting = at.write('group 1').then(
      () => 'committed',
      (error: Error) => error.message,
    );
    const { building: _built, ...live } = { ...at.docs.tokens, live: generation(2), previous: generation(1) };
    at.docs.tokens = live;
    await vi.advanceTimersByTimeAsync(1_200);
    expect(await waiting).toBe('Generation 1 of tokens is fed no more.');
    expect(at.written).toEqual([]);
  });

  it('is in trouble, and writes nothing, while the registry cannot be read, and finds its way back', async () => {
    at.setAway(true);
    await vi.advanceTimersByTimeAsync(1_100);
    expect(feeding.problem()).toContain('MongoDB is away');
    await expect(at.write('group 1')).rejects.toThrow('MongoDB is away');
    expect(at.written).toEqual([]);
    at.setAway(false);
    await vi.advanceTimersByTimeAsync(1_100);
    expect(feeding.problem()).toBeUndefined();
    await at.write('group 1');
    expect(at.written).toEqual(['tokens 1']);
  });
});
