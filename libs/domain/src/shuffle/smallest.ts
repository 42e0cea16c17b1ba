/** From a delivery that ends otherwise than it should to the fewest messages, and the plainest order of them, that still do. */
import { type Delivery, endOf, everyOrder, playDelivery, sameEnd } from './delivery.js';
import { pictureDifferences } from './picture.js';
import { type PlayedMessage, play } from './world.js';

export interface Disagreement {
  /** The messages it takes, by their places in the list given. */
  readonly messages: readonly number[];
  /** The delivery that ends otherwise than `messages` in their order do, or breaks a promise. Its places are those of the list given. */
  readonly delivery: Delivery;
  /** Where the ends differ: in order | as delivered. */
  readonly differences: readonly string[];
  /** What does not hold at the end (promises.ts), as delivered. */
  readonly broken: readonly string[];
  /** Names in these messages contradict each other: what becomes of them depends on the order (identity/resolve.ts). */
  readonly contested: boolean;
}

/** `delivery` of `messages` must end otherwise than the messages in their order. */
export function smallestDisagreement(messages: readonly PlayedMessage[], delivery: Delivery): Disagreement {
  const differs = (candidate: Delivery): boolean =>
    !sameEnd(endOf(play(messages, placesOf(candidate.order))), endOf(playDelivery(messages, candidate)));

  let smallest = delivery;
  /** A delivery in this order that ends otherwise: leaving something out shifts the delays, so none, the same and some others are tried. */
  const differing = (order: readonly number[]): Delivery | undefined =>
    [{ order }, { ...smallest, order }, ...[1, 2, 3].map((delays) => ({ order, delays }))].find(differs);
  const without = (size: number): Delivery | undefined => {
    for (let from = 0; from < smallest.order.length; from += size) {
      const found = differing(smallest.order.toSpliced(from, size));
      if (found !== undefined) return found;
    }
    return undefined;
  };
  // Halves first, then quarters, … and at last single ones. A message may be dispensable only once a later one is gone: so again from the start.
  for (let size = delivery.order.length; size >= 1; ) {
    const found = without(size);
    if (found === undefined) size = Math.floor(size / 2);
    else smallest = found;
  }
  // The order given itself, where it does not keep its promises.
  const places = placesOf(smallest.order);
  const plain = [places, ...everyOrder(places), smallest.order].map((order) => ({ order })).find(differs);
  return report(messages, plain ?? smallest);
}

function report(messages: readonly PlayedMessage[], delivery: Delivery): Disagreement {
  const places = placesOf(delivery.order);
  const due = endOf(play(messages, places));
  const end = endOf(playDelivery(messages, delivery));
  return {
    messages: places,
    delivery,
    differences: pictureDifferences(due.picture, end.picture),
    broken: end.broken,
    contested: due.world.contested,
  };
}

/** The messages of an order, each once, as they were given. */
function placesOf(order: readonly number[]): readonly number[] {
  return [...new Set(order)].sort((a, b) => a - b);
}
