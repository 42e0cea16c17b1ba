/** What the lifecycle service counts. */
import type { Deadline, LifecycleRecord, ReasonCode } from '@tokenline/domain';
import { Counter, Gauge, type Registry } from '@tokenline/runtime';
import type { LogReader } from '@tokenline/streams';

export type Counted = (events: readonly LifecycleRecord[]) => void;

/** Of an open partition: tokens that wait for a deadline, and for how many ms the one longest due has been so. */
export interface PartitionDeadlines {
  readonly partition: number;
  readonly tokens: number;
  readonly lagMs: number;
}

export function lifecycleMetrics(registry: Registry): {
  readonly count: Counted;
  /** A record put aside. */
  readonly aside: (reason: ReasonCode) => void;
  /** `unwritten`: changes to the local state not on disk yet, over the open partitions. */
  readonly watch: (reader: LogReader, deadlines: () => readonly PartitionDeadlines[], unwritten: () => number) => void;
  /** A deadline stated as a fact. */
  readonly fired: (deadline: Deadline) => void;
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
  const firings = new Counter({
    name: 'tokenline_lifecycle_deadlines_fired_total',
    help: 'Deadlines stated as facts, by purpose; one stated again after a restart is counted again.',
    labelNames: ['purpose'],
    registers: [registry],
  });
  return {
    fired: ({ purpose }) => firings.inc({ purpose }),
    aside: (reason) => deadLetters.inc({ reason }),
    count: (list) => {
      for (const event of list) events.inc({ type: event.type.slice('tokenline.lifecycle.'.length) });
    },
    watch: (reader, deadlines, unwritten) => {
      new Gauge({
        name: 'tokenline_lifecycle_lag_records',
        help: 'Facts behind the end of token.facts, by partition.',
        labelNames: ['partition'],
        registers: [registry],
        collect() {
          for (const [partition, lag] of reader.lag()) this.set({ partition }, lag);
        },
      });
      new Gauge({
        name: 'tokenline_lifecycle_state_unwritten',
        help: 'Changes to the local state that are committed and not on disk yet, over the open partitions.',
        registers: [registry],
        collect() {
          this.set(unwritten());
        },
      });
      new Gauge({
        name: 'tokenline_lifecycle_deadlines_waiting',
        help: 'Tokens with a deadline ahead or due, by open partition.',
        labelNames: ['partition'],
        registers: [registry],
        collect() {
          this.reset();
          for (const { partition, tokens } of deadlines()) this.set({ partition: String(partition) }, tokens);
        },
      });
      new Gauge({
        name: 'tokenline_lifecycle_deadlines_lag_seconds',
        help: 'For how long the deadline longest due has not been folded yet, over the open partitions.',
        registers: [registry],
        collect() {
          this.set(Math.max(0, ...deadlines().map(({ lagMs }) => lagMs)) / 1_000);
        },
      });
    },
  };
}
