/**
 * Who of the notifiers is alive: a killed one's claims are free within seconds, long before its leases run out.
 *
 *   each second   count up our beat in MongoDB, and look at the others'
 *   dead          whose beat has stood still for 5 s while we looked each second
 *   fresh         our own last beat is less than 3 s old, and none was missing since: nobody can have taken us for dead, so we may begin a send
 *
 * What counts is how long we have watched a beat stand still, by our own clock: clocks need not agree. A look that comes late (MongoDB was away, or
 * we stood still ourselves) says nothing about the others, and watching begins anew: an election among MongoDB's members makes nobody dead.
 * An instance that stood still (SIGSTOP) for longer than 5 s finds its claims gone: what it claimed before it stood still it gives back, and what it
 * was sending is refused by the ledger, which asks for the lease.
 */
import type { NotifierInstanceDoc } from '@tokenline/store';
import type { Collection } from 'mongodb';
import type { Clock } from './clock.js';

export const beatEveryMs = 1_000;
const deadAfterMs = 5_000;
const freshForMs = 3_000;
/** Looks further apart than this leave a gap nobody has watched. */
const gapMs = 2_500;

export interface Heartbeats {
  /** Beats once, and looks at the others. Throws when MongoDB does not answer. */
  readonly beat: () => Promise<void>;
  /** Instances whose claims are free. */
  readonly dead: () => readonly string[];
  /** Whether we may claim. */
  readonly isFresh: () => boolean;
  /** Whether what we claimed then is still ours, as far as we know. */
  readonly stillHolds: (claimedAt: number) => boolean;
  /** Takes our own beat away: we hold nothing any more. */
  readonly stop: () => Promise<void>;
}

/** `self` names this process among all that share the collection. */
export function createHeartbeats(instances: Collection<NotifierInstanceDoc>, self: string, clock: Clock): Heartbeats {
  const others = new Map<string, { readonly beat: number; readonly since: number }>();
  let beatAt = Number.NEGATIVE_INFINITY;
  /** Since when no beat has been missing. */
  let steadySince = Number.NEGATIVE_INFINITY;
  let lookedAt = Number.NEGATIVE_INFINITY;

  const look = async (): Promise<void> => {
    const found = await instances.find({ _id: { $ne: self } }, { projection: { beat: 1 } }).toArray();
    const now = clock.now();
    const watched = now - lookedAt <= gapMs;
    lookedAt = now;
    const before = new Map(others);
    others.clear();
    for (const { _id, beat } of found) {
      const known = before.get(_id);
      others.set(_id, watched && known?.beat === beat ? known : { beat, since: now });
    }
  };

  const isFresh = (): boolean => clock.now() - beatAt < freshForMs;

  return {
    beat: async () => {
      const started = clock.now();
      await instances.updateOne({ _id: self }, { $inc: { beat: 1 }, $currentDate: { at: true } }, { upsert: true });
      if (started - beatAt >= freshForMs) steadySince = started;
      beatAt = started;
      await look();
    },
    dead: () => [...others].filter(([, { since }]) => lookedAt - since >= deadAfterMs).map(([instance]) => instance),
    isFresh,
    stillHolds: (claimedAt) => isFresh() && claimedAt >= steadySince,
    stop: async () => {
      await instances.deleteOne({ _id: self });
    },
  };
}
