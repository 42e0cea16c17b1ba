/**
 * Which values of a nested message may travel in clear, by their path: the same three lots as for EHI's flat messages (clear-fields.ts).
 * Only listed paths are looked at, so what is not listed costs nothing, however much of it there is; it stays inside the sealed original.
 *
 *   'deviceInfo.deviceName'     one value
 *   'reasonCodes[]'             each value of a list
 *   'tokens[].suspendedBy[]'    each value of a list inside each object of a list; kept as tokens[0].suspendedBy[1]
 */
import type { Purpose, Sealer } from '@tokenline/sealing';
import { type Content, mayShow, type SplitFields } from './clear-fields.js';

/** Clear when it may be shown, else sealed; or sealed always, for what it is. */
export type PathRule = Content | { readonly seal: Purpose };
export type PathRules = Readonly<Record<string, PathRule>>;

/** Values kept of a list of plain values. */
const mostInList = 16;
/** Objects looked at in a list: a door refuses a message that has more. */
export const mostObjects = 200;

interface Found {
  readonly path: string;
  readonly text: string;
}

/** Splits what `rules` lists of a message; blank values are left out. */
export async function splitPaths(
  message: unknown,
  rules: PathRules,
  sealer: Pick<Sealer, 'seal'>,
): Promise<SplitFields> {
  const clear: Record<string, string> = {};
  const sealed: Record<string, string> = {};
  for (const [pattern, rule] of Object.entries(rules)) {
    for (const { path, text } of found(message, pattern.split('.'), '')) {
      if (isSecret(rule)) sealed[path] = await sealer.seal(rule.seal, text);
      else if (mayShow(text, rule)) clear[path] = text;
      else sealed[path] = await sealer.seal('field', text);
    }
  }
  return { clear, sealed };
}

function isSecret(rule: PathRule): rule is { readonly seal: Purpose } {
  return typeof rule === 'object' && 'seal' in rule;
}

function* found(value: unknown, steps: readonly string[], at: string): Generator<Found> {
  const [step, ...rest] = steps;
  if (step === undefined) {
    const text = textOf(value);
    if (text !== undefined) yield { path: at, text };
    return;
  }
  const listed = step.endsWith('[]');
  const name = listed ? step.slice(0, -2) : step;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return;
  const next: unknown = Reflect.get(value, name);
  const path = at === '' ? name : `${at}.${name}`;
  if (!listed) yield* found(next, rest, path);
  else if (Array.isArray(next)) {
    const most = rest.length === 0 ? mostInList : mostObjects;
    for (const [i, item] of next.slice(0, most).entries()) yield* found(item, rest, `${path}[${i}]`);
  }
}

function textOf(value: unknown): string | undefined {
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  const trimmed = typeof text === 'string' ? text.trim() : '';
  return trimmed === '' ? undefined : trimmed;
}
