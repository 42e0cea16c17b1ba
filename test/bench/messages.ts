/**
 * EHI messages by the ten thousand, cheaply: each step of a flow is built once by the builders all tests use and cut where the token's names
 * and numbers stand; a message is the pieces with another token's names between them.
 *
 * Four tokens have 13 messages: two Visa tokens approved at once (3), a Mastercard one (2), a Visa one stepped up with an activation code (5).
 * Tokens go side by side in windows: first every token's request, then every token's second message …, so that a token's messages keep their
 * order and lie apart as they do in life.
 */
import { type Flow, green, yellow } from '@tokenline/cli';
import { aliasOf, messagesOfFlow, testToken } from '../traffic.js';

export interface BenchMessage {
  /** Number of the token. */
  readonly token: number;
  readonly step: number;
  /** The last of its token, after which it is complete. */
  readonly last: boolean;
  readonly text: string;
}

const flows: readonly (readonly ['VISA-T' | 'MC-MDES', Flow])[] = [
  ['VISA-T', green('VISA-T')],
  ['VISA-T', green('VISA-T')],
  ['MC-MDES', green('MC-MDES')],
  ['VISA-T', yellow('VISA-T')],
];

/** Messages of a token, on average. */
export const messagesPerToken = flows.reduce((sum, [, { steps }]) => sum + steps.length, 0) / flows.length;

/** A number none of whose digits turn up in a message by chance. */
const sample = 123_456;

type Template = readonly string[];

const renewedEveryMs = 60_000;

/**
 * The messages of `tokens` tokens from number `first` on (a multiple of four), as if each token's story had begun at what `start` (epoch ms) says
 * when they are built, to the minute.
 */
export function* benchMessages(
  first: number,
  tokens: number,
  start: () => number,
  window = 100,
): Generator<BenchMessage> {
  let builtFor = Number.NEGATIVE_INFINITY;
  let templates: readonly (readonly Template[])[] = [];
  for (let from = first; from < first + tokens; from += window) {
    const to = Math.min(from + window, first + tokens);
    const moment = start();
    if (moment - builtFor > renewedEveryMs) {
      builtFor = moment;
      templates = flows.map(([network, flow]) =>
        messagesOfFlow(testToken(sample, network), flow, moment).map(({ text }) => templateOf(text)),
      );
    }
    const longest = Math.max(...templates.map(({ length }) => length));
    for (let step = 0; step < longest; step++) {
      for (let token = from; token < to; token++) {
        const steps = templates[token % templates.length] as readonly Template[];
        const template = steps[step];
        if (template === undefined) continue;
        yield { token, step, last: step === steps.length - 1, text: filled(template, namesOf(token, step)) };
      }
    }
  }
}

/** The name the query door finds that token by. */
export function benchAlias(token: number): string {
  return aliasOf(testToken(token));
}

/** As test/traffic.ts makes them of a number: serial, TXn_ID, payment token id, card. */
function namesOf(n: number, step: number): readonly [string, string, string, string] {
  const serial = String(n).padStart(15, '0');
  return [serial, String(9_000_000_000 + n * 100 + step), String(70_000_000 + n), String(100_000_000 + (n % 1000))];
}

/** Texts at even places, the index of the name that stands between them at odd ones. */
function templateOf(text: string): Template {
  const [serial, , id, card] = namesOf(sample, 0);
  const marks = [`(${serial})`, `(${String(9_000_000_000 + sample * 100).slice(0, -2)}\\d\\d)`, `(${id})`, `(${card})`];
  const parts: string[] = [];
  let at = 0;
  for (const match of text.matchAll(new RegExp(marks.join('|'), 'g'))) {
    parts.push(text.slice(at, match.index), String(match.slice(1).findIndex((found) => found !== undefined)));
    at = match.index + match[0].length;
  }
  return [...parts, text.slice(at)];
}

function filled(template: Template, names: readonly string[]): string {
  let text = '';
  for (const [n, part] of template.entries()) text += n % 2 === 0 ? part : names[Number(part)];
  return text;
}
