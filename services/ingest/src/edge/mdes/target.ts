/**
 * MDES' addresses behind /v1/inbound/mdes/: the operation's name, with or without the path MDES puts before it
 * (`issuerServices/1/0/authorizeService`, mastercard-mdes.md 1.1).
 */
import { type MdesOperation, mdesOperations } from '@tokenline/domain';

/** The operation a target is; undefined when it is none known here. */
export function readMdesTarget(target: string): MdesOperation | undefined {
  const name = /^(?:issuerServices\/\d+\/\d+\/)?([A-Za-z]+)\/?(?:\?.*)?$/.exec(target)?.[1];
  return mdesOperations.find((operation) => operation === name);
}
