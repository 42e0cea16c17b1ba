/** Medians, spreads and percentiles. */

/** The middle of some measurements and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Throws when there is nothing to sum up. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: percentile(sorted, 50), min: sorted[0] as number, max: sorted.at(-1) as number };
}

/** The median of each named value. Names are those of the first; where another lacks one it counts as 0. */
export function mediansOf(measured: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const names = Object.keys(measured[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, spreadOf(measured.map((one) => one[name] ?? 0)).median]));
}

/** The value that `percent` of the values don't exceed (nearest rank); of sorted values. Throws when there are none. */
export function percentile(sorted: readonly number[], percent: number): number {
  if (sorted.length === 0) throw new Error('There is nothing to take a percentile of.');
  const half = sorted.length / 2;
  if (percent === 50 && Number.isInteger(half)) return ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] as number;
}

/** Slope of a straight line through the points (least squares), in units of y for one of x; 0 for fewer than two points. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (pick: 0 | 1): number => points.reduce((sum, point) => sum + point[pick], 0) / points.length;
  const [mx, my] = [mean(0), mean(1)];
  const spread = points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0) / spread;
}
