/** From a delivery that ends otherwise than it should to the fewest messages, and the plainest order of them, that still do. */
import { type Delivery, type End, endOf, everyOrder, playDelivery, sameEnd } from './delivery.js';
import { pictureDifferences } from './picture.js';
import { type PlayedMessage, play } from './world.js';

export interface Disagreement {
  /** The messages it takes, by their places in the list given. */
  readonly messages: readonly number[];
  /** The delivery that ends otherwise than `messages` in their order do. Its places are those of the list given. */
  readonly delivery: Delivery;
  /** Where the ends differ: in order | as delivered. */
  readonly differences: readonly string[];
  /** What does not hold at the end (promises.ts), as delivered or in order. */
  readonly broken: readonly string[];
  /** Names in these messages contradict each other: what becomes of them depends on the order (identity/resolve.ts). */
  readonly contested: boolean;
}

/** `delivery` of `messages` must end otherwise than the messages in their order. */
export function smallestDisagreement(messages: readonly PlayedMessage[], delivery: Delivery): Disagreement {
  /** Some delivery of only these messages that still ends otherwise: dropping messages shifts the delays, so several are tried. */
  const stillDiffers = (
    places: readonly number[],
    order: readonly number[],
    seeds: readonly (number | undefined)[],
  ) => {
    const due = endOf(play(messages, places));
    return seeds
      .map((delays): Delivery => (delays === undefined ? { order } : { order, delays }))
      .find((candidate) => !sameEnd(due, endOf(playDelivery(messages, candidate))));
  };
  const { delays = 0 } = delivery;
  const anyDelays = [undefined, delays, delays + 1, delays + 2, delays + 3];

  let places = [...new Set(delivery.order)].sort((a, b) => a - b);
  let smallest = delivery;
  const keepOnly = (fewer: readonly number[]): boolean => {
    const order = smallest.order.filter((place) => fewer.includes(place));
    const found = fewer.length === 0 ? undefined : stillDiffers(fewer, order, anyDelays);
    if (found === undefined) return false;
    places = [...fewer];
    smallest = found;
    return true;
  };
  keepOnly(ofDifferingTokens(messages, places, smallest));
  for (let size = Math.ceil(places.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < places.length; ) {
      const dropped = keepOnly([...places.slice(0, from), ...places.slice(from + size)]);
      // A message may be dispensable only once a later one is gone: start again.
      if (!dropped) from += size;
      else if (size === 1) from = 0;
    }
  }
  for (let at = 0; at < smallest.order.length; ) {
    const order = smallest.order.toSpliced(at, 1);
    const found = order.includes(smallest.order[at] as number) ? stillDiffers(places, order, anyDelays) : undefined;
    if (found === undefined) at += 1;
    else smallest = found;
  }
  if (places.length <= 5) {
    const plain = everyOrder(places.length)
      .map((order) => order.map((at) => places[at] as number))
      .find((order) => stillDiffers(places, order, [undefined]) !== undefined);
    if (plain !== undefined) smallest = { order: plain };
  }
  return report(messages, places, smallest);
}

function report(messages: readonly PlayedMessage[], places: readonly number[], delivery: Delivery): Disagreement {
  const due = endOf(play(messages, places));
  const end = endOf(playDelivery(messages, delivery));
  return {
    messages: places,
    delivery,
    differences: pictureDifferences(due.picture, end.picture),
    broken: [...new Set([...end.broken, ...due.broken])],
    contested: due.world.contested || end.world.contested,
  };
}

/** A first cut: the messages whose facts ended up with tokens that differ. */
function ofDifferingTokens(
  messages: readonly PlayedMessage[],
  places: readonly number[],
  delivery: Delivery,
): readonly number[] {
  const tokensOf = (end: End) => new Map(end.picture.tokens.map((token) => [JSON.stringify(token), token.facts]));
  const [one, other] = [tokensOf(endOf(play(messages, places))), tokensOf(endOf(playDelivery(messages, delivery)))];
  const concerned = new Set(
    [...one, ...other].filter(([text]) => one.has(text) !== other.has(text)).flatMap(([, facts]) => facts),
  );
  return places.filter((place) => {
    const mapping = (messages[place] as PlayedMessage).read(0);
    return mapping.ok && mapping.facts.some((fact) => concerned.has(fact.factId));
  });
}
