/**
 * Does every order of these messages end alike? Plays them as they come, then in other orders with repeats and delays, and compares what there
 * is at the end. Where it differs, messages are dropped while it still does: what is left is the smallest disagreement.
 */
import { type Delivery, endOf, everyOrder, playDelivery, randomDelivery, sameEnd } from './delivery.js';
import { survivorOf } from './picture.js';
import { seededChance } from './random.js';
import { type Disagreement, smallestDisagreement } from './smallest.js';
import { type PlayedMessage, play, type World } from './world.js';

export interface ShuffleOptions {
  /** How many random orders to play beside the given one. */
  readonly orders: number;
  /** The same seed plays the same orders. */
  readonly seed: number;
  /** Plays every order too, where there are no more than five messages. */
  readonly everyOrderOfFew?: boolean;
  /** Called after each order. */
  readonly onOrder?: (played: number) => void;
}

export interface Shuffled {
  /** Orders played beside the given one. */
  readonly orders: number;
  readonly tokens: number;
  /** Orders in which a completion was announced that a message with an earlier date disproved: an announcement stands. */
  readonly overtaken: number;
  /** Orders in which two tokens were announced before it was known that they are one. */
  readonly announcedTwice: number;
  /** Whether names contradict each other, as they do in each order or in none: what becomes of such messages may depend on it (identity/resolve.ts). */
  readonly contested: boolean;
  /** Absent when all orders end alike. */
  readonly disagreement?: Disagreement;
}

/** Plays `messages` in the order given and in others, until one ends otherwise. */
export function shuffle(messages: readonly PlayedMessage[], options: ShuffleOptions): Shuffled {
  const all = messages.map((_, place) => place);
  const due = endOf(play(messages, all));
  const count = {
    orders: 0,
    tokens: due.picture.tokens.length,
    overtaken: 0,
    announcedTwice: 0,
    contested: due.world.contested,
  };
  if (due.broken.length > 0) return { ...count, disagreement: smallestDisagreement(messages, { order: all }) };
  for (const delivery of deliveries(all, options)) {
    const world = playDelivery(messages, delivery);
    count.orders += 1;
    count.overtaken += announcesWhatDoesNotLast(world) ? 1 : 0;
    count.announcedTwice += announcesTwice(world) ? 1 : 0;
    options.onOrder?.(count.orders);
    if (!sameEnd(due, endOf(world))) return { ...count, disagreement: smallestDisagreement(messages, delivery) };
  }
  return count;
}

function* deliveries(all: readonly number[], { orders, seed, everyOrderOfFew }: ShuffleOptions): Generator<Delivery> {
  if (everyOrderOfFew === true) for (const order of everyOrder(all)) yield { order };
  const chance = seededChance(seed);
  for (let number = 1; number <= orders; number++) yield randomDelivery(all, chance);
}

function announcesWhatDoesNotLast(world: World): boolean {
  return world.announcements.some(
    ({ event }) => world.published.get(survivorOf(world, event.tokenId))?.provisioning.completedAt === undefined,
  );
}

function announcesTwice(world: World): boolean {
  const announced = world.announcements.map(({ event }) => survivorOf(world, event.tokenId));
  return new Set(announced).size < announced.length;
}
