/** What ingest tells Prometheus. Labels are words of ours, never values from messages. */
import { type AuthOptions, Counter, Gauge, Histogram, type Registry, refusalCounter } from '@tokenline/runtime';
import type { LogReader } from '@tokenline/streams';

export type EdgeOutcome = 'accepted' | 'refused' | 'unavailable' | 'failed';

export interface Meters {
  /** A request that was not let in. */
  readonly notAdmitted: NonNullable<AuthOptions['onRefusal']>;
  /** A message at a door, and the seconds until it was answered. */
  readonly message: (source: string, outcome: EdgeOutcome, seconds: number) => void;
  /** A message put aside; `source` is an interface we know, or a topic. */
  readonly deadLetter: (stage: 'EDGE' | 'NORMALIZER', source: string, reason: string) => void;
  readonly fact: (source: string, kind: string) => void;
  readonly merge: () => void;
  readonly conflict: () => void;
  /** Decisions taken anew because another instance had changed what they rested on. */
  readonly identityRace: () => void;
  readonly follow: (reader: Pick<LogReader, 'lag'>) => void;
}

export function createMeters(registry: Registry): Meters {
  const registers = [registry];
  const messages = new Counter({
    name: 'tokenline_ingest_messages_total',
    help: 'Messages at the doors, by source and outcome.',
    labelNames: ['source', 'outcome'] as const,
    registers,
  });
  const acknowledgement = new Histogram({
    name: 'tokenline_ingest_acknowledgement_seconds',
    help: 'From the arrival of a message to its answer. EHI senders wait 200 ms by default.',
    labelNames: ['source'] as const,
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.5, 1, 2.5],
    registers,
  });
  const deadLetters = new Counter({
    name: 'tokenline_ingest_dead_letters_total',
    help: 'Dead letters written, by stage, source and reason code.',
    labelNames: ['stage', 'source', 'reason'] as const,
    registers,
  });
  const facts = new Counter({
    name: 'tokenline_normalizer_facts_total',
    help: 'Facts written, by source and kind.',
    labelNames: ['source', 'kind'] as const,
    registers,
  });
  const merges = new Counter({
    name: 'tokenline_identity_merges_total',
    help: 'Tokens that turned out to be another.',
    registers,
  });
  const conflicts = new Counter({
    name: 'tokenline_identity_conflicts_total',
    help: 'Names of tokens that contradict what is known. Each needs a look.',
    registers,
  });
  const races = new Counter({
    name: 'tokenline_identity_races_total',
    help: 'Identity decisions repeated because of a concurrent one.',
    registers,
  });
  const readers: Pick<LogReader, 'lag'>[] = [];
  const lag = new Gauge({
    name: 'tokenline_normalizer_lag_records',
    help: 'Records of tsp.inbound not yet normalised, as of the last fetch.',
    labelNames: ['partition'] as const,
    registers,
    collect: () => {
      lag.reset();
      for (const reader of readers) {
        for (const [partition, records] of reader.lag()) lag.set({ partition }, records);
      }
    },
  });
  return {
    notAdmitted: refusalCounter(registry),
    message: (source, outcome, seconds) => {
      messages.inc({ source, outcome });
      acknowledgement.observe({ source }, seconds);
    },
    deadLetter: (stage, source, reason) => deadLetters.inc({ stage, source, reason }),
    fact: (source, kind) => facts.inc({ source, kind }),
    merge: () => merges.inc(),
    conflict: () => conflicts.inc(),
    identityRace: () => races.inc(),
    follow: (reader) => void readers.push(reader),
  };
}
