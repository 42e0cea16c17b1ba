/**
 * Values kept at hand for keys met again within short: new ones, and those met before and not long ago. A key met once after a long rest is only
 * taken note of; its value is let go. So facts for a million tokens that rest do not displace the few that are in the midst of something, and what is
 * known of them dies young, which costs the collector of garbage next to nothing.
 */
export interface Recent<T> {
  readonly get: (key: string) => T | undefined;
  /** `fresh`: there was nothing known of the key before. */
  readonly put: (key: string, value: T, fresh: boolean) => void;
}

/** Keeps `most` values, those put last, and takes note of at least as many keys. */
export function createRecent<T>(most: number): Recent<T> {
  const kept = new Map<string, T>();
  // The keys of late and those before: when the first are many enough they are the second, and the second forgotten.
  let noted = new Set<string>();
  let notedBefore = new Set<string>();
  const note = (key: string): void => {
    noted.add(key);
    if (noted.size <= most) return;
    notedBefore = noted;
    noted = new Set();
  };
  const keep = (key: string, value: T): void => {
    kept.delete(key);
    kept.set(key, value);
    if (kept.size <= most) return;
    const { value: oldest } = kept.keys().next();
    kept.delete(oldest as string);
  };
  return {
    get: (key) => kept.get(key),
    put: (key, value, fresh) => {
      if (fresh || kept.has(key) || noted.has(key) || notedBefore.has(key)) keep(key, value);
      else note(key);
    },
  };
}
