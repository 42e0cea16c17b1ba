/** Servers of the local stack that end by accident are started again, as the services are; one that cannot be ends the whole of `up`. */
import { setTimeout as delay } from 'node:timers/promises';
import type { PartExit, Stack } from '@tokenline/local';
import { CliError } from '../errors.js';

export interface Parts {
  readonly onExit: (exit: PartExit) => void;
  /** Says which stack to start parts of again. */
  readonly watch: (stack: Stack) => void;
}

const quickDeathMs = 60_000;
const mostQuickDeaths = 3;

export function keepPartsAlive(say: (line: string) => void, signal: AbortSignal, lose: (error: Error) => void): Parts {
  let stack: Stack | undefined;
  let deaths: number[] = [];
  const startAgain = async ({ part, code, signal: by, logFile }: PartExit): Promise<void> => {
    const how = by === null ? `with code ${code}` : `on ${by}`;
    const now = performance.now();
    deaths = [...deaths.filter((at) => now - at < quickDeathMs), now];
    if (deaths.length >= mostQuickDeaths)
      throw new CliError(`${part} ended ${how} and would not stay up; see ${logFile}.`);
    say(`${part} ended ${how}; starting it again. Its log: ${logFile}`);
    await delay(500, undefined, { signal });
    await stack?.startPart(part);
  };
  return {
    onExit: (exit) => {
      if (signal.aborted) return;
      startAgain(exit).catch((error: Error) => {
        if (!signal.aborted) lose(error);
      });
    },
    watch: (started) => {
      stack = started;
    },
  };
}
