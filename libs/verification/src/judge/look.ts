/**
 * One look at the system: what the judges share. A look holds still what moves: it knows how far each stage says it has come, and which records
 * were there when verification began.
 *
 *   a record without its trace   below what the stage says it has handled → lost, the invariant is broken
 *                                above it                                 → behind, if it was there from the beginning; else too new to judge
 *
 * A stage's own word, read before all else, is the only measure: traces it has left further on tell nothing of a record, since it may have left
 * them while we were reading, or writes a record's several traces one after the other.
 */
import type { TopicName } from '@tokenline/contracts';
import { type Place, placeText } from '../log/place.js';
import type { View } from '../log/view.js';
import type { Tallies } from '../report.js';

/** Who reads what, under which consumer group: by the group's committed offsets a record is told lost from not yet read. */
export const stages = {
  normalizer: { group: 'ingest.normalizer', topic: 'tsp.inbound' },
  lifecycle: { group: 'lifecycle', topic: 'token.facts' },
  'read models': { group: 'projector.read-models', topic: 'token.lifecycle' },
  'dead letters': { group: 'projector.dead-letters', topic: 'token.dead-letters' },
  notifier: { group: 'notifier', topic: 'token.lifecycle' },
} as const satisfies Record<string, { readonly group: string; readonly topic: TopicName }>;

export type Stage = keyof typeof stages;

/** Offsets by partition: what lies below has been handled. */
export type Frontier = ReadonlyMap<number, number>;

export interface Look {
  readonly view: View;
  readonly tallies: Tallies;
  /** Counts from 1. */
  readonly number: number;
  /** The reading of the log before the documents were read: tokens of which a later one brought something have moved meanwhile. */
  readonly reading: number;
  /** Nothing was written while we looked. */
  readonly atRest: boolean;
  /** When verification began, epoch ms. */
  readonly startedAt: number;
  /** What to make of a record without its trace; counts it when it is behind. */
  readonly overdue: (stage: Stage, place: Place) => 'lost' | 'behind' | 'too-new';
  /** Counts something that a stage still owes and that has no place of its own. */
  readonly owes: (stage: Stage, what: string) => void;
  /** How much is behind at some stages; at all when none is named. */
  readonly behind: (...which: readonly Stage[]) => number;
}

export interface LookParts extends Omit<Look, 'overdue' | 'owes' | 'behind'> {
  /** What each stage's group had committed before the look. */
  readonly committed: ReadonlyMap<Stage, Frontier>;
  /** Where each topic ended when verification began. */
  readonly began: ReadonlyMap<TopicName, ReadonlyMap<number, number>>;
}

export interface JudgedLook extends Look {
  /** Judges CAUGHT_UP from all that was counted. `checked` is how many records were followed. */
  readonly judgeLag: (checked: number) => void;
}

/** A look over what has been read; counts what is behind as judges come upon it. */
export function createLook({ committed, began, ...parts }: LookParts): JudgedLook {
  const lag = new Map<Stage, { count: number; readonly first: string }>();
  const count = (stage: Stage, first: string): void => {
    const known = lag.get(stage) ?? { count: 0, first };
    known.count += 1;
    lag.set(stage, known);
  };
  return {
    ...parts,
    overdue: (stage, place) => {
      const { topic } = stages[stage];
      const { partition, offset } = place;
      if (offset < (committed.get(stage)?.get(partition) ?? 0)) return 'lost';
      if (!parts.atRest && offset >= (began.get(topic)?.get(partition) ?? 0)) return 'too-new';
      count(stage, placeText(topic, place));
      return 'behind';
    },
    owes: count,
    behind: (...which) =>
      [...lag].reduce((sum, [stage, { count: n }]) => (which.length === 0 || which.includes(stage) ? sum + n : sum), 0),
    judgeLag: (checked) => {
      const tally = parts.tallies.of('CAUGHT_UP');
      tally.check(checked);
      for (const [stage, { count: n, first }] of lag) {
        const how = parts.atRest ? 'nothing moves: is it running?' : 'still moving';
        tally.fail({ where: first, what: `is the first of ${n} that ${stage} is behind; ${how}` }, n);
      }
    },
  };
}
