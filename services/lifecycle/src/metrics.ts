/** What the lifecycle service counts. */
import type { LifecycleRecord, ReasonCode } from '@tokenline/domain';
import { Counter, Gauge, type Registry } from '@tokenline/runtime';
import type { LogReader } from '@tokenline/streams';

export type Counted = (events: readonly LifecycleRecord[]) => void;

export function lifecycleMetrics(registry: Registry): {
  readonly count: Counted;
  /** A record put aside. */
  readonly aside: (reason: ReasonCode) => void;
  readonly watch: (reader: LogReader) => void;
} {
  const events = new Counter({
    name: 'tokenline_lifecycle_events_total',
    help: 'Lifecycle events decided, by type; those of a transaction that failed and was redone are counted again.',
    labelNames: ['type'],
    registers: [registry],
  });
  const deadLetters = new Counter({
    name: 'tokenline_lifecycle_dead_letters_total',
    help: 'Records of token.facts put aside, by reason code; those of a transaction that failed and was redone are counted again.',
    labelNames: ['reason'],
    registers: [registry],
  });
  return {
    aside: (reason) => deadLetters.inc({ reason }),
    count: (list) => {
      for (const event of list) events.inc({ type: event.type.slice('tokenline.lifecycle.'.length) });
    },
    watch: (reader) => {
      new Gauge({
        name: 'tokenline_lifecycle_lag_records',
        help: 'Facts behind the end of token.facts, by partition.',
        labelNames: ['partition'],
        registers: [registry],
        collect() {
          for (const [partition, lag] of reader.lag()) this.set({ partition }, lag);
        },
      });
    },
  };
}
