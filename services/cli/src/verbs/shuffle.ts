import { type Disagreement, describeMapping, type PlayedMessage, type Shuffled, shuffle } from '@tokenline/domain';
import { capturedMessages } from '../capture.js';
import { CliError } from '../errors.js';
import { readInput } from '../input.js';
import { type Io, printJson } from '../io.js';
import { ehiTimeZone } from '../settings.js';
import { counted } from '../words.js';

export interface ShuffleArguments {
  readonly orders: number;
  /** Chosen and shown when left out. */
  readonly seed?: number;
  readonly json: boolean;
}

const everyMs = 2_000;

/**
 * Plays a capture of EHI messages in random orders with repeats through the pure core, on this machine alone, and says whether all end alike.
 * Throws CliError when they do not.
 */
export async function shuffleFile(io: Io, file: string, { orders, seed, json }: ShuffleArguments): Promise<void> {
  const messages = capturedMessages(await readInput(io, file), ehiTimeZone(io.env));
  const chosenSeed = seed ?? Math.floor(Math.random() * 2 ** 31);
  const shuffled = shuffle(messages, {
    orders,
    seed: chosenSeed,
    everyOrderOfFew: true,
    onOrder: progress(io, orders),
  });
  if (json) printJson(io, { messages: messages.length, seed: chosenSeed, ...shuffled });
  else io.out(report(messages, chosenSeed, shuffled));
  if (shuffled.disagreement !== undefined) throw new CliError('What these messages end in depends on their order.');
}

/** The work is one long computation, so that a timer would never get its turn: each order looks at the clock itself. */
function progress(io: Io, orders: number): (played: number) => void {
  let last = performance.now();
  return (played) => {
    if (performance.now() - last < everyMs) return;
    last = performance.now();
    io.note(`${played} of ${orders} orders played …`);
  };
}

function report(messages: readonly PlayedMessage[], seed: number, shuffled: Shuffled): string {
  const { orders, tokens, overtaken, announcedTwice, contested, disagreement } = shuffled;
  const refused = messages.filter(({ read }) => !read(0).ok).length;
  const inShort = `${counted(messages.length, 'message')} about ${counted(tokens, 'token')}, ${counted(orders, 'order')}, seed ${seed}`;
  return [
    disagreement === undefined ? `${inShort}: all end alike.` : `${inShort}: they do not end alike.`,
    refused === 0 ? undefined : `The mapper refuses ${counted(refused, 'message')}, in every order.`,
    overtaken === 0
      ? undefined
      : `In ${counted(overtaken, 'order')} a completion was announced before a message with an earlier date disproved it: an announcement stands.`,
    announcedTwice === 0
      ? undefined
      : `In ${counted(announcedTwice, 'order')} two tokens were announced complete before a message showed that they are one.`,
    contested
      ? 'Some names contradict each other: which token a contested name belongs to depends on the order.'
      : undefined,
    ...(disagreement === undefined ? [] : disagreementLines(messages, disagreement)),
  ]
    .filter((line) => line !== undefined)
    .join('\n');
}

function disagreementLines(messages: readonly PlayedMessage[], found: Disagreement): readonly string[] {
  const { messages: places, delivery, differences, broken, contested } = found;
  const numbers = (order: readonly number[]): string => order.map((place) => place + 1).join(', ');
  return [
    '',
    `The smallest disagreement takes ${places.length} of the messages:`,
    ...places.map((place) => `  ${place + 1}  ${describeMapping((messages[place] as PlayedMessage).read(0))}`),
    `Delivered ${numbers(places)} | ${numbers(delivery.order)}${delivery.delays === undefined ? '' : ', with delays between the stages'}:`,
    ...[...differences, ...broken].map((line) => `  ${line}`),
    ...(contested ? ['Their names contradict each other: ask the sender which is wrong.'] : []),
  ];
}
