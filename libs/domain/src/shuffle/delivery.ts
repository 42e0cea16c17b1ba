/** Ways of delivering messages, and what each ends in. */
import { type FinalPicture, finalPicture } from './picture.js';
import { brokenPromises } from './promises.js';
import { type Chance, seededChance } from './random.js';
import { type PlayedMessage, play, type World } from './world.js';

/** One way of delivering messages. */
export interface Delivery {
  /** Places in a list of messages; a place may come more than once. */
  readonly order: readonly number[];
  /** Seed of the delays between the stages; without one every message is worked off before the next. */
  readonly delays?: number;
}

export interface End {
  readonly world: World;
  readonly picture: FinalPicture;
  /** The picture as text: equal for equal pictures. */
  readonly text: string;
  /** Promises not kept (promises.ts). */
  readonly broken: readonly string[];
}

export function playDelivery(messages: readonly PlayedMessage[], { order, delays }: Delivery): World {
  return play(messages, order, delays === undefined ? undefined : seededChance(delays));
}

export function endOf(world: World): End {
  const picture = finalPicture(world);
  return { world, picture, text: JSON.stringify(picture), broken: brokenPromises(world) };
}

/** Whether `end` is as it is `due`, with every promise kept. */
export function sameEnd(due: End, end: End): boolean {
  return due.text === end.text && end.broken.length === 0;
}

/** A random order with about every third message twice. */
export function randomDelivery(places: readonly number[], chance: Chance): Delivery {
  const order = chance.shuffled([...places, ...places.filter(() => chance.happens(30))]);
  return { order, delays: chance.below(2 ** 31) };
}

/** Every order of up to five messages: 120 at most. Throws for more. */
export function everyOrder(count: number): readonly (readonly number[])[] {
  if (count > 5) throw new Error('More than five messages have too many orders to play them all.');
  if (count === 0) return [[]];
  return everyOrder(count - 1).flatMap((order) =>
    Array.from({ length: count }, (_, at) => [...order.slice(0, at), count - 1, ...order.slice(at)]),
  );
}
