/** Writes that may meet what is there already. */

const duplicateKey = 11_000;

/** Runs an unordered bulk write; gives the indexes of operations the server refused as duplicate keys. Any other failure is thrown. */
export async function duplicatesOf(write: () => Promise<unknown>): Promise<readonly number[]> {
  try {
    await write();
    return [];
  } catch (error) {
    const { writeErrors, result } = error as BulkFailure;
    const refused = [writeErrors ?? []].flat();
    const undone = result?.getWriteConcernError?.() !== undefined || refused.some((e) => e.code !== duplicateKey);
    if (refused.length === 0 || undone) throw error;
    return refused.map((e) => e.index);
  }
}

interface Refusal {
  readonly code: number;
  readonly index: number;
}

/** The parts of the driver's MongoBulkWriteError that matter here. */
interface BulkFailure {
  readonly writeErrors?: Refusal | readonly Refusal[];
  readonly result?: { readonly getWriteConcernError?: () => unknown };
}
