/**
 * Portions of a batch, made ready one after the other while those before them are being written: this process and MongoDB work at the same time,
 * and no more than a few portions are in memory in the form they are written in.
 *
 * @param portions What there is to do.
 * @param ready Makes a portion ready; called for one at a time, in order.
 * @param write Begun in order, at most `atOnce` under way; with 1 a portion is written when the one before it is.
 * @throws The first failure, once nothing is under way any more. What comes after a failed portion may have been written.
 */
export async function overlap<P, R>(
  portions: readonly P[],
  ready: (portion: P) => Promise<R>,
  write: (ready: R) => Promise<void>,
  atOnce: number,
): Promise<void> {
  const writes: Promise<void>[] = [];
  try {
    for (const portion of portions) {
      const made = await ready(portion);
      await writes.at(-atOnce);
      const written = write(made);
      written.catch(() => undefined);
      writes.push(written);
    }
    await Promise.all(writes);
  } finally {
    await Promise.allSettled(writes);
  }
}
