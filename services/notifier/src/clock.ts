/** Where deciding code takes the time from: tests give a clock that jumps days. */
export interface Clock {
  /** Epoch milliseconds, UTC. */
  readonly now: () => number;
}

export const systemClock: Clock = { now: () => Date.now() };
