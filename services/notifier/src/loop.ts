/** The loop around dispatcher and deadline watch: as soon as something is new, and once a second. The heart beats beside it, whatever the loop waits for. */
import type { Logger } from '@tokenline/runtime';
import type { Dispatcher } from './dispatcher.js';
import { beatEveryMs, type Heartbeats } from './heartbeats.js';

export interface Loop {
  /** How many entries the dispatcher takes past the ledger's queue: none while others wait there, which are older. */
  readonly room: () => number;
  /** Something is new: no need to wait for the next second. */
  readonly wake: () => void;
  /** Undefined while rounds succeed, else what is wrong. */
  readonly problem: () => string | undefined;
  /** Takes nothing more and waits for what is under way. */
  readonly stop: () => Promise<void>;
}

const pollMs = 1_000;

export function startLoop(
  dispatcher: Dispatcher,
  watch: () => Promise<void>,
  heartbeats: Heartbeats,
  log: Logger,
): Loop {
  let stopping = false;
  let woken = false;
  let trouble: string | undefined;
  let ring: () => void = () => undefined;

  /** Whether entries may be due that nobody has claimed. */
  let behind = true;

  const wake = (): void => {
    woken = true;
    behind = true;
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
    // A claim costs the same for one entry as for fifty: not for each send that ends.
    if (!dispatcher.hasRoom()) return true;
    woken = false;
    const { more } = await dispatcher.take();
    behind = more || woken;
    return more;
  };

  // What is under way still needs our heart when nothing more is taken.
  let alive = true;
  let heartTrouble: string | undefined;
  let endPause: () => void = () => undefined;
  const beating = (async () => {
    let fresh = false;
    while (alive) {
      try {
        await heartbeats.beat();
        // Nothing could be taken until now.
        if (!fresh) wake();
        fresh = true;
        heartTrouble = undefined;
      } catch (error) {
        if (fresh) log.warn({ err: error }, 'The heart cannot beat; trying on');
        fresh = false;
        heartTrouble = `The heart does not beat: ${(error as Error).message}`;
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, alive ? beatEveryMs : 0);
        endPause = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  })();

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
    room: () => (behind || stopping ? 0 : dispatcher.room()),
    wake,
    problem: () => trouble ?? heartTrouble,
    stop: async () => {
      stopping = true;
      wake();
      await running;
      dispatcher.drop();
      await dispatcher.idle();
      alive = false;
      endPause();
      await beating;
      await heartbeats.stop().catch((error: unknown) => log.warn({ err: error }, 'The last heartbeat stays behind'));
    },
  };
}
