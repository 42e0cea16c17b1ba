/**
 * What `work` comes to, or what `late` makes once `ms` milliseconds have passed without it; the work itself goes on. It stands before every message that
 * is written: with `finally` to clear the timer each would take three more promises.
 */
export function within<T>(ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), ms);
    const settle =
      <A>(by: (outcome: A) => void) =>
      (outcome: A): void => {
        clearTimeout(timer);
        by(outcome);
      };
    work.then(settle(resolve), settle(reject));
  });
}
