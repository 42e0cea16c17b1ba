/** Log and database from a request path: an answer within a bounded time, at once while the log is known to be away, and never a false one. */
import { LogUnavailable, type LogWriter, type OutRecord, within } from '@tokenline/streams';

/** Longest a sender waits for the database before it is told to come again. */
export const storeTimeoutMs = 3_000;

/** The database does not answer; a later try may succeed. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/**
 * A write that resolves once every record is durable and throws LogUnavailable otherwise, after `ms` at the latest.
 * A write that was given up may still come through: the sender's repeat of it is then a repeat like any other.
 */
export function writeWithin(writer: LogWriter, ms: number): (records: readonly OutRecord[]) => Promise<void> {
  return async (records) => {
    const trouble = writer.problem();
    if (trouble !== undefined) throw new LogUnavailable(trouble);
    await within(ms, writer.write(records), () => new LogUnavailable(`The log did not answer within ${ms} ms.`));
  };
}

/**
 * What the database answers, or StoreUnavailable. The driver keeps to its own time limits only once it has been connected:
 * before that an operation waits for the whole of the first attempt.
 */
export async function fromStore<T>(work: Promise<T>): Promise<T> {
  try {
    return await within(storeTimeoutMs, work, () => new StoreUnavailable('The database did not answer in time.'));
  } catch (error) {
    if (isLostConnection(error)) throw new StoreUnavailable((error as Error).message, { cause: error });
    throw error;
  }
}

/** What the driver throws while no server can be reached; errors of the operation itself have other names. */
function isLostConnection(error: unknown): boolean {
  const { name } = error as Error;
  return /^Mongo(?:Network|ServerSelection|Topology|OperationTimeout|PoolCleared|NotConnected)/.test(name);
}
