/** The way of a token's facts through the lifecycle service, retraced: which were folded, which set aside and why, which came late. */
import type { TokenFact } from '@tokenline/domain';
import { unpack } from '../log/packed.js';
import type { Place } from '../log/place.js';
import { seen } from '../log/places.js';
import { type TokenView, type View, valueFrom } from '../log/view.js';
import { deadlineKey } from '../rules/deadlines.js';
import { isBefore } from '../rules/oracle.js';

/** A token's facts as the lifecycle service must have taken them. */
export interface History {
  /** The set that was folded last: of a merged token, what it knew until then. */
  readonly known: readonly TokenFact[];
  /** Facts that belong to the survivor, when it merged. */
  readonly handedOver: readonly TokenFact[];
  /** Where it took over tokens that had announced their completion. */
  readonly tookOverAnnounced: readonly Place[];
  /** Every deadline its facts say has passed (deadlineKey). */
  readonly deadlines: ReadonlySet<string>;
  /** A token that turned out to be this one has not said yet whether it announced the completion. */
  readonly awaitsOther: boolean;
}

/** Told of each fact what is wrong with its trace, if anything. */
export type JudgeFact = (place: Place, code: 'FACTS_TRACED' | 'LATE_MARKED', wrong: string | undefined) => void;

/** Follows the facts in the order of the log, as far as they have been worked through. */
export async function readHistory(view: View, token: TokenView, judge: JudgeFact): Promise<History> {
  let known = new Map<string, TokenFact>();
  let newest: TokenFact | undefined;
  let survivor: string | undefined;
  let merged: readonly TokenFact[] | undefined;
  const handedOver: TokenFact[] = [];
  const tookOverAnnounced: Place[] = [];
  const deadlines = new Set<string>();
  for (const { partition, offset, bytes } of unpack(token.facts)) {
    const place = { partition, offset };
    const flags = view.places.flags(partition, offset);
    if ((flags & seen.traced) === 0) continue;
    const fact = await valueFrom(view.codec, 'tokenline.facts.TokenFact', bytes);
    if (fact.deadline !== undefined) deadlines.add(deadlineKey(fact.deadline));
    const isRepeat = known.has(fact.factId);
    judge(place, 'FACTS_TRACED', wrongSetAside(flags, isRepeat, survivor !== undefined));
    if (isRepeat || (flags & seen.beyondHorizon) !== 0) continue;
    if (survivor !== undefined) {
      if (fact.kind !== 'TOKENS_MERGED') handedOver.push(fact);
    } else if (fact.kind === 'TOKENS_MERGED' && fact.otherTokenId !== undefined) {
      survivor = fact.otherTokenId;
      merged = [...known.values()];
      handedOver.push(...merged);
      known = new Map();
    } else {
      const late = newest !== undefined && isBefore(fact, newest);
      if ((flags & seen.timed) !== 0) judge(place, 'LATE_MARKED', wrongLateness(flags, late));
      // Of purchases the earliest is remembered, and counts towards what is late.
      const used = fact.kind === 'TOKEN_USED' ? [...known.values()].find(isUse) : undefined;
      if (used !== undefined && isBefore(used, fact)) continue;
      if (!late) newest = fact;
      known.set(fact.factId, fact);
      if (used !== undefined) {
        known.delete(used.factId);
        newest = newestOf([...known.values()]);
      }
      if (fact.kind === 'FACTS_ABSORBED' && fact.completionAnnounced === true) tookOverAnnounced.push(place);
    }
  }
  const last = merged ?? [...known.values()];
  return { known: last, handedOver, tookOverAnnounced, deadlines, awaitsOther: awaitsOther(last) };
}

function isUse({ kind }: TokenFact): boolean {
  return kind === 'TOKEN_USED';
}

function newestOf(facts: readonly TokenFact[]): TokenFact | undefined {
  return facts.reduce<TokenFact | undefined>(
    (newest, fact) => (newest === undefined || isBefore(newest, fact) ? fact : newest),
    undefined,
  );
}

function awaitsOther(known: readonly TokenFact[]): boolean {
  const absorbed = known.filter((fact) => fact.kind === 'FACTS_ABSORBED');
  const said = absorbed.filter((fact) => fact.completionAnnounced !== undefined).map((fact) => fact.otherTokenId);
  return absorbed.some((fact) => !said.includes(fact.otherTokenId));
}

function wrongSetAside(flags: number, isRepeat: boolean, isMerged: boolean): string | undefined {
  const aside = { repeat: (flags & seen.repeat) !== 0, merged: (flags & seen.merged) !== 0 };
  if (aside.repeat && !isRepeat) return 'was set aside as a repeat, and is the first of its id';
  if (isRepeat && !aside.repeat) return 'repeats a fact, and was not set aside';
  if (aside.merged && !isMerged) return 'was set aside as of a merged token, which has not merged';
  return isMerged && !isRepeat && !aside.merged ? 'came for a merged token, and was not set aside' : undefined;
}

function wrongLateness(flags: number, late: boolean): string | undefined {
  if (((flags & seen.late) !== 0) === late) return undefined;
  return late ? 'came late, and its event does not say so' : 'came in order, and its event calls it late';
}
