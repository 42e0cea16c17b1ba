/** The loop around dispatcher and deadline watch: as soon as something is new, and once a second. */
import type { Logger } from '@tokenline/runtime';
import type { Dispatcher } from './dispatcher.js';

export interface Loop {
  /** Something is new: no need to wait for the next second. */
  readonly wake: () => void;
  /** Undefined while rounds succeed, else what is wrong. */
  readonly problem: () => string | undefined;
  /** Takes nothing more and waits for what is under way. */
  readonly stop: () => Promise<void>;
}

const pollMs = 1_000;

export function startLoop(dispatcher: Dispatcher, watch: () => Promise<void>, log: Logger): Loop {
  let stopping = false;
  let woken = false;
  let trouble: string | undefined;
  let ring: () => void = () => undefined;

  const wake = (): void => {
    woken = true;
    ring();
  };
  const rest = async (): Promise<void> => {
    if (!woken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pollMs);
        ring = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    woken = false;
  };

  let watchedAt = 0;
  const round = async (): Promise<boolean> => {
    const started = performance.now();
    if (started - watchedAt >= pollMs) {
      await watch();
      watchedAt = started;
    }
    return (await dispatcher.take()) > 0;
  };

  const running = (async () => {
    while (!stopping) {
      let more = false;
      try {
        more = await round();
        trouble = undefined;
      } catch (error) {
        if (trouble === undefined) log.warn({ err: error }, 'Notices cannot be dispatched; trying on');
        trouble = `Notices cannot be dispatched: ${(error as Error).message}`;
        woken = false;
      }
      if (!dispatcher.hasRoom()) await dispatcher.nextDone();
      else if (!more) await rest();
    }
  })();

  return {
    wake,
    problem: () => trouble,
    stop: async () => {
      stopping = true;
      wake();
      await running;
      await dispatcher.drop();
      await dispatcher.idle();
    },
  };
}
