/** Slots: so many may have one at once; the others wait, in the order they came. */
export interface Slots {
  /** Resolves once the caller has one, with true; with false when there are none any more. */
  readonly take: () => Promise<boolean>;
  readonly free: () => void;
  /** Who waits, or comes, gets none. */
  readonly close: () => void;
}

export function createSlots(count: number): Slots {
  const waiting: ((taken: boolean) => void)[] = [];
  let left = count;
  let closed = false;
  return {
    take: () => {
      if (closed) return Promise.resolve(false);
      if (left === 0) return new Promise((resolve) => waiting.push(resolve));
      left -= 1;
      return Promise.resolve(true);
    },
    free: () => {
      const next = waiting.shift();
      if (next === undefined) left += 1;
      else next(true);
    },
    close: () => {
      closed = true;
      for (const none of waiting.splice(0)) none(false);
    },
  };
}
