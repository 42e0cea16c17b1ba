/**
 * What befalls which round, from a seed. Faults come from a shuffled deck, dealt to its end before it is shuffled again: so each comes as often as
 * any other, give or take one. Every sixth round gets two, of different targets, at most one of them a server.
 */
import { type Chance, seededChance } from '@tokenline/domain/testing';
import { type Card, cards, isServer } from './cards.js';

export interface PlannedFault {
  readonly card: Card;
  /** Share of the round's messages acknowledged before it strikes, percent. */
  readonly at: number;
  /** At a named point: the how many-th time. */
  readonly n: number;
  /** Milliseconds more. */
  readonly delay: number;
}

export interface RoundPlan {
  /** From 1. */
  readonly round: number;
  /** For everything else the round leaves to chance. */
  readonly seed: number;
  readonly faults: readonly PlannedFault[];
}

export interface PlanOptions {
  readonly seed: number;
  readonly rounds: number;
  /** Only faults whose id begins with one of these. */
  readonly only?: readonly string[] | undefined;
  /** Only faults that befall this service or server. */
  readonly target?: string | undefined;
}

/** Throws when no fault fits. */
export function planRounds({ seed, rounds, only = [''], target }: PlanOptions): readonly RoundPlan[] {
  const wanted = (card: Card): boolean => only.some((name) => card.id.startsWith(name));
  const deck = cards.filter((card) => wanted(card) && (target === undefined || card.target === target));
  if (deck.length === 0)
    throw new Error(`No fault is called ${only.join(' or ')}${target ? ` and befalls ${target}` : ''}.`);
  const chance = seededChance(seed);
  const hand: Card[] = [];
  const deal = (fits: (card: Card) => boolean): Card | undefined => {
    if (hand.length === 0) hand.push(...chance.shuffled(deck));
    const found = hand.findIndex(fits);
    return found < 0 ? undefined : hand.splice(found, 1)[0];
  };
  return Array.from({ length: rounds }, (_, index) => {
    const first = deal(() => true) as Card;
    const second = index % 6 === 5 ? deal((card) => goTogether(first, card)) : undefined;
    const roundSeed = chance.below(2 ** 31);
    const detail = seededChance(roundSeed);
    return {
      round: index + 1,
      seed: roundSeed,
      faults: [first, second].flatMap((card) => (card === undefined ? [] : [planned(card, detail)])),
    };
  });
}

/** A round brings these about once or twice. */
const rare = new Set(['point:normalizer.before-merge-noted', 'point:projector.letters-before-offset']);

function planned(card: Card, chance: Chance): PlannedFault {
  const n = 1 + chance.below(3);
  return { card, at: 8 + chance.below(40), n: rare.has(card.id) ? 1 : n, delay: chance.below(250) };
}

/** Two that move instances about, or two lost servers, would wait for each other. */
function goTogether(one: Card, other: Card): boolean {
  const slow = ({ fault }: Card): boolean => fault === 'zombie' || fault === 'instances' || fault === 'state';
  return (
    one.target !== other.target &&
    !(isServer(one.target) && isServer(other.target)) &&
    !(slow(one) && slow(other)) &&
    // A zombie is known by others going on without it, an instance that joins by being ready.
    !((slow(one) || slow(other)) && (isServer(one.target) || isServer(other.target)))
  );
}
