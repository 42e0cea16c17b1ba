/** The claim that every order of a story ends alike, put to the test. */
import fc from 'fast-check';
import { type Shuffled, shuffle } from '../shuffle/shuffle.js';
import type { Disagreement } from '../shuffle/smallest.js';
import type { Story } from './stories.js';

/** Plays a story in `orders` random orders with repeats. Throws, with the smallest story that still shows it, when one ends otherwise. */
export function expectConvergence(story: Story, orders: number, seed: number, everyOrderOfFew = false): Shuffled {
  const shuffled = shuffle(story.lines, { orders, seed, everyOrderOfFew });
  if (shuffled.disagreement !== undefined) throw new Error(disagreementText(story, shuffled.disagreement));
  if (shuffled.contested) throw new Error('A story lets names contradict each other: it proves nothing.');
  return shuffled;
}

function disagreementText({ lines }: Story, { messages, delivery, differences, broken }: Disagreement): string {
  const delays = delivery.delays === undefined ? '' : `, with delays (${delivery.delays})`;
  return [
    'The order matters. The smallest story that shows it:',
    ...messages.map((place) => `  ${place + 1}  ${lines[place]?.text()}`),
    `Delivered ${delivery.order.map((place) => place + 1).join(', ')}${delays}, it ends otherwise than in order:`,
    ...[...differences, ...broken].map((line) => `  ${line}`),
  ].join('\n');
}

export interface Checked {
  /** Messages in all the stories played. */
  readonly messages: number;
  /** The smallest story that shows that the order matters; absent when it does not. */
  readonly failure?: string;
}

/** Plays `numRuns` generated stories in `orders` orders each. */
export function checkStories(
  arbitrary: fc.Arbitrary<Story>,
  { numRuns, orders, seed }: { readonly numRuns: number; readonly orders: number; readonly seed: number },
): Checked {
  let messages = 0;
  const details = fc.check(
    fc.property(arbitrary, fc.nat(), (story, orderSeed) => {
      messages += story.lines.length;
      expectConvergence(story, orders, orderSeed);
    }),
    { numRuns, seed },
  );
  if (!details.failed) return { messages };
  const why = details.errorInstance instanceof Error ? details.errorInstance.message : String(details.errorInstance);
  return { failure: why, messages };
}
