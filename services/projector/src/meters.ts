/** What the projector tells Prometheus. */
import { Counter, Gauge, Histogram, type Registry } from '@tokenline/runtime';
import type { LogReader } from '@tokenline/streams';

export interface Meters {
  /** Events of live generations by record type and what became of them: applied, skipped (a type not known here), undecodable. */
  readonly count: (type: string, result: 'applied' | 'skipped' | 'undecodable', count: number) => void;
  /** Times one write of a batch. */
  readonly timed: (model: string, write: () => Promise<void>) => Promise<void>;
  /** Publishes the lag of a generation's reader until the step given back is called. */
  readonly follow: (reader: Pick<LogReader, 'lag'>, projection: string, generation: number) => () => void;
}

export function createMeters(registry: Registry): Meters {
  const followed = new Set<readonly [reader: Pick<LogReader, 'lag'>, projection: string, generation: number]>();
  const events = new Counter({
    name: 'tokenline_projector_events_total',
    help: 'Records read, by type and what became of them.',
    labelNames: ['type', 'result'] as const,
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'tokenline_projector_write_duration_seconds',
    help: 'Time of one batch write, by read model.',
    labelNames: ['model'] as const,
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  const lag = new Gauge({
    name: 'tokenline_projector_lag_records',
    help: 'Records behind the end of the log, as of the last fetch.',
    labelNames: ['projection', 'generation', 'partition'] as const,
    registers: [registry],
    collect: () => {
      lag.reset();
      for (const [reader, projection, generation] of followed) {
        for (const [partition, records] of reader.lag()) lag.set({ projection, generation, partition }, records);
      }
    },
  });
  return {
    count: (type, result, count) => events.inc({ type, result }, count),
    timed: async (model, write) => {
      const end = seconds.startTimer({ model });
      await write();
      end();
    },
    follow: (...one) => {
      followed.add(one);
      return () => followed.delete(one);
    },
  };
}
