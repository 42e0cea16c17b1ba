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

/** Every order of up to five places: 120 at most. None of more: there are too many to play them all. */
export function everyOrder(places: readonly number[]): readonly (readonly number[])[] {
  if (places.length > 5) return [];
  const [first, ...others] = places;
  if (first === undefined) return [[]];
  return everyOrder(others).flatMap((order) => places.map((_, at) => order.toSpliced(at, 0, first)));
}
