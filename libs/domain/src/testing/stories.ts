/**
 * Stories of tokens, generated: how a provisioning goes on either network, what happens to the token afterwards, and what goes wrong on the
 * way to us. Wrong stamps, contradictions, missing names and missing messages included; repeats and order are left to whoever plays the story.
 *
 * Names are consistent: a name belongs to one token. What identity makes of names that contradict each other depends on the order of arrival
 * (identity/resolve.ts says how).
 */
import fc from 'fast-check';
import { type EhiToken, ehiToken } from './ehi.js';
import { laterStep, mastercard, type Step, visaDevice, visaRemote } from './steps.js';
import { type NameLetter, nameLetters, type StoryLine, storyText } from './story.js';

export interface Story {
  readonly lines: readonly StoryLine[];
  readonly [fc.toStringMethod]: () => string;
}

export function storyOf(lines: readonly StoryLine[]): Story {
  return { lines, [fc.toStringMethod]: () => `\n${storyText(lines)}\n` };
}

/** What becomes of one message on the way. */
interface Fate {
  /** Picks the names it calls its token by. */
  readonly pick: number;
  /** Names nothing but card, wallet and device. */
  readonly nameless: boolean;
  /** Seconds its stamp is off; steps are ten seconds apart. */
  readonly off: number;
  readonly lost: boolean;
  /** Says the token's type, none, or another one. */
  readonly type: 'as it is' | 'none' | 'CF';
}

const rarely = (outOf: number): fc.Arbitrary<boolean> => fc.nat({ max: outOf - 1 }).map((n) => n === outOf - 1);

const fate: fc.Arbitrary<Fate> = fc.record({
  pick: fc.nat({ max: 7 }),
  nameless: rarely(20),
  off: fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.constantFrom(-10, 10, -25, 35, -60) },
  ),
  lost: rarely(10),
  type: fc.oneof(
    { weight: 16, arbitrary: fc.constant('as it is' as const) },
    { weight: 2, arbitrary: fc.constant('none' as const) },
    { weight: 1, arbitrary: fc.constant('CF' as const) },
  ),
});

/** How a token is called: by every name each time, by some, or by one at a time so that only a few messages show which names belong together. */
const namings = {
  together: () => nameLetters,
  mixed: (pick) => nameLetters.filter((_, i) => pick === 0 || ((pick >> i) & 1) === 1),
  apart: (pick) => (pick < 6 ? [nameLetters[pick % 3] as NameLetter] : nameLetters.slice(pick - 6, pick - 4)),
} as const satisfies Record<string, (pick: number) => readonly NameLetter[]>;

const mostSteps = 11;

interface TokenTale {
  readonly given: Partial<EhiToken>;
  readonly naming: keyof typeof namings;
  readonly steps: readonly Step[];
  readonly fates: readonly Fate[];
  /** Seconds the story of this token begins after noon. */
  readonly begins: number;
}

const tale: fc.Arbitrary<TokenTale> = fc
  .record({
    creator: fc.constantFrom('VISA-T' as const, 'MC-MDES' as const),
    type: fc.constantFrom('SE', 'CL', 'CF', 'BW'),
    wallet: fc.constantFrom('APPLE', 'ANDROID'),
    card: fc.constantFrom('100000001', '100000002'),
    deviceId: fc.constantFrom('D1', 'D2'),
    naming: fc.constantFrom('together' as const, 'mixed' as const, 'apart' as const),
    path: fc.nat({ max: 9_999 }),
    skip: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 5 }) }),
    later: fc.array(laterStep, { maxLength: 3 }),
    fates: fc.array(fate, { minLength: mostSteps, maxLength: mostSteps }),
    begins: fc.constantFrom(0, 0, 5, 300),
  })
  .map(({ creator, type, wallet, card, deviceId, naming, path, skip, later, fates, begins }) => {
    const remote = type === 'CF' || type === 'BW';
    const ways = creator === 'MC-MDES' ? mastercard : remote ? visaRemote : visaDevice;
    const provisioning = ways[path % ways.length] as readonly Step[];
    const steps = [...provisioning.slice(skip), ...later];
    return { given: { creator, type, wallet, card, deviceId }, naming, steps, fates, begins };
  });

const noon = Date.UTC(2030, 0, 15, 12);

function linesOf({ given, naming, steps, fates, begins }: TokenTale, number: number): readonly StoryLine[] {
  return steps.flatMap((step, i) => {
    const { pick, nameless, off, lost, type } = fates[i] as Fate;
    if (lost) return [];
    const token = ehiToken(number, type === 'as it is' ? given : { ...given, type: type === 'none' ? '' : type });
    const names = nameless ? [] : namings[naming](pick);
    const at = noon + (begins + 10 * i + off) * 1_000;
    return [step({ token, messageId: number * 100 + i, at, names })];
  });
}

/** Stories of one token. */
export const tokenStories: fc.Arbitrary<Story> = tale.map((one) => storyOf(linesOf(one, 1)));

/** Stories of one to three tokens, mostly of one. */
export const stories: fc.Arbitrary<Story> = fc
  .oneof(
    { weight: 6, arbitrary: fc.tuple(tale) },
    { weight: 3, arbitrary: fc.tuple(tale, tale) },
    { weight: 1, arbitrary: fc.tuple(tale, tale, tale) },
  )
  .map((tales: readonly TokenTale[]) => storyOf(tales.flatMap((one, i) => linesOf(one, i + 1))));

/** Stories of `most` messages, short enough to be played in every order, or fewer. */
export function shortStories(most: number): fc.Arbitrary<Story> {
  return stories.chain(({ lines }) => {
    const length = Math.min(most, lines.length);
    return fc.subarray([...lines], { minLength: length, maxLength: length }).map(storyOf);
  });
}
