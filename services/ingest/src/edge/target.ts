/**
 * The target of a message on its way through log and dead letters: a redrive must find it again, and a sender could have put anything into it.
 * So it travels sealed, among the headers, under the name HTTP/2 gives it.
 */
import type { Sealer } from '@tokenline/sealing';
import type { Submission } from './door.js';

const name = ':path';

/** The headers to keep of a message, its target among them. */
export async function headersToKeep(
  { headers, target }: Pick<Submission, 'headers' | 'target'>,
  sealer: Pick<Sealer, 'seal'>,
): Promise<Readonly<Record<string, string>>> {
  return target === undefined ? headers : { ...headers, [name]: await sealer.seal('field', target) };
}

/** The other way: headers and target of what was kept. Throws OpenError. */
export async function targetKept(
  kept: Readonly<Record<string, string>>,
  sealer: Pick<Sealer, 'open'>,
): Promise<Pick<Submission, 'headers' | 'target'>> {
  const { [name]: sealed, ...headers } = kept;
  return sealed === undefined ? { headers } : { headers, target: await sealer.open('field', sealed) };
}
