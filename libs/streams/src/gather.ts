/**
 * What comes one by one, handled together: while one lot is being handled, everything that arrives waits and goes with the next.
 *
 *   idle ── add ──▶ handling ── done ──▶ idle, or handling what has come meanwhile
 *
 * Lots begin at least `paceMs` apart, or when there is `enough` in the next: a round trip costs much the same for one item as for fifty. After a rest
 * the first goes at once.
 */
export interface Gather<T> {
  /** Resolves when the lot with these items has been handled; rejects with what its handling threw. */
  readonly add: (items: readonly T[]) => Promise<void>;
  /** Rejects everything that waits. */
  readonly cancel: (error: Error) => void;
}

export interface GatherOptions {
  /** Most items in a lot; what is added at once stays together, even above it. */
  readonly most: number;
  /** Least milliseconds from the beginning of one lot to that of the next. */
  readonly paceMs: number;
  /** So many items do not wait for the pace; any number does when left out. */
  readonly enough?: number;
}

interface Waiting<T> {
  readonly items: readonly T[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export function createGather<T>(
  handle: (items: readonly T[]) => Promise<void>,
  { most, paceMs, enough = Number.POSITIVE_INFINITY }: GatherOptions,
): Gather<T> {
  let waiting: Waiting<T>[] = [];
  let running = false;
  let goOn: (() => void) | undefined;
  let begunAt = Number.NEGATIVE_INFINITY;

  const nextLot = (): readonly Waiting<T>[] => {
    let count = 0;
    const beyond = waiting.findIndex(({ items }, at) => {
      count += items.length;
      return at > 0 && count > most;
    });
    return waiting.splice(0, beyond === -1 ? waiting.length : beyond);
  };

  const drain = async (): Promise<void> => {
    running = true;
    while (waiting.length > 0) {
      await pause(begunAt + paceMs - performance.now());
      goOn = undefined;
      begunAt = performance.now();
      const lot = nextLot();
      try {
        await handle(lot.flatMap(({ items }) => items));
        for (const { resolve } of lot) resolve();
      } catch (error) {
        for (const { reject } of lot) reject(error);
      }
    }
    running = false;
  };

  const isEnough = (): boolean => enough <= waiting.reduce((sum, { items }) => sum + items.length, 0);

  /** At least until this turn of the event loop is over: what is added in one turn is one lot. */
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      if (ms <= 0 || isEnough()) setImmediate(resolve);
      else {
        const timer = setTimeout(resolve, ms);
        goOn = () => {
          clearTimeout(timer);
          setImmediate(resolve);
        };
      }
    });

  return {
    add: (items) =>
      new Promise((resolve, reject) => {
        waiting.push({ items, resolve, reject });
        if (!running) void drain();
        else if (goOn !== undefined && isEnough()) {
          goOn();
          goOn = undefined;
        }
      }),
    cancel: (error) => {
      const left = waiting;
      waiting = [];
      for (const { reject } of left) reject(error);
    },
  };
}

/**
 * Gives a wait for the next turn. Whoever waits for the same one goes on in one go; turns begin at least `paceMs` apart, or when `enough` wait. Work
 * of one kind done right after one another takes a third less time than with all sorts of other work in between, which displaces its code and
 * data from the processor.
 */
export function createTurns(paceMs: number, enough: number): () => Promise<void> {
  const turns = createGather<undefined>(async () => undefined, { most: Number.POSITIVE_INFINITY, paceMs, enough });
  return () => turns.add([undefined]);
}
