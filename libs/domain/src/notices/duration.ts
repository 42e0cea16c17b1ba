/** Durations as a policy writes them: a whole number and its unit, `90s`, `30m`, `24h`, `7d`. */

const units = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;

/** A written duration in milliseconds; undefined when it is none, or zero, or beyond a hundred years. */
export function durationOf(text: string): number | undefined {
  const match = /^([1-9]\d{0,9})([dhms])$/.exec(text);
  if (match === null) return undefined;
  const ms = Number(match[1]) * units[match[2] as keyof typeof units];
  return ms <= 36_525 * units.d ? ms : undefined;
}

/** Milliseconds as a policy would write them, in the largest unit that fits without a rest: `24h` is `1d`. Rounded up to seconds. */
export function durationText(ms: number): string {
  const unit = (Object.keys(units) as (keyof typeof units)[]).find((name) => ms % units[name] === 0) ?? 's';
  return `${Math.ceil(ms / units[unit])}${unit}`;
}
