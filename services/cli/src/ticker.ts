/** Progress of countable work: a line every two seconds while it goes on, nothing for quick work. */
export interface Ticker {
  readonly tick: (done: number) => void;
  readonly stop: () => void;
}

const everyMs = 2_000;

/** `say` gets what `describe` makes of the count so far, with the seconds it has taken. */
export function createTicker(say: (line: string) => void, describe: (done: number) => string): Ticker {
  let done = 0;
  const startedAt = performance.now();
  const seconds = (): string => ((performance.now() - startedAt) / 1000).toFixed(1);
  const timer = setInterval(() => say(`${describe(done)}, ${seconds()} s so far …`), everyMs);
  return {
    tick: (count) => {
      done = count;
    },
    stop: () => clearInterval(timer),
  };
}
