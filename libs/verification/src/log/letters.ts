/** What token.dead-letters says: of each letter its occurrences and the state they lead to, and which places of the log have one. */
import type { DeadLetter, DeadLetterRedriven, Stage } from '@tokenline/domain';
import type { Place } from './place.js';

export interface LetterView {
  readonly places: Place[];
  failedAt: number;
  state: 'OPEN' | 'REDRIVEN';
  /** False when records of it lie in several partitions: then their order is not known. */
  ordered: boolean;
  /** The reading that brought its newest record. */
  newestIn: number;
}

export interface Letters {
  readonly failed: (letter: DeadLetter, place: Place, reading: number) => void;
  readonly redriven: (redrive: DeadLetterRedriven, place: Place, reading: number) => void;
  readonly all: ReadonlyMap<string, LetterView>;
  /** Whether a stage put aside the record at a place; any stage when none is named. */
  readonly has: (topic: string, place: Place, stage?: Stage) => boolean;
}

export function createLetters(): Letters {
  const all = new Map<string, LetterView>();
  const origins = new Set<string>();
  const partitionOf = new Map<string, number>();
  const originOf = (topic: string, { partition, offset }: Place, stage = ''): string =>
    `${stage} ${topic} ${partition} ${offset}`;
  const isOrdered = (id: string, { partition }: Place): boolean => {
    const first = partitionOf.get(id) ?? partition;
    partitionOf.set(id, first);
    return first === partition;
  };
  return {
    all,
    failed: ({ deadLetterId: id, failedAt, stage, origin }, place, reading) => {
      const ordered = isOrdered(id, place);
      const known = all.get(id) ?? { places: [], failedAt, state: 'OPEN', ordered, newestIn: reading };
      known.places.push(place);
      known.failedAt = failedAt;
      known.state = 'OPEN';
      known.ordered &&= ordered;
      known.newestIn = reading;
      all.set(id, known);
      if (origin === undefined) return;
      origins.add(originOf(origin.topic, origin));
      origins.add(originOf(origin.topic, origin, stage));
    },
    redriven: ({ deadLetterId: id, accepted, redrivenAt }, place, reading) => {
      const ordered = isOrdered(id, place);
      const known = all.get(id);
      if (known === undefined) return;
      known.ordered &&= ordered;
      known.newestIn = reading;
      // One that began before the last failure closes nothing.
      if (accepted && known.failedAt <= redrivenAt) known.state = 'REDRIVEN';
    },
    has: (topic, place, stage) => origins.has(originOf(topic, place, stage)),
  };
}
