/** The names an EHI message uses for its token, in the order they are believed (visa-vts-and-thredd-ehi.md 5.4, correlation ladder). */

import type { FieldReader } from '../facts/fields.js';
import type { Alias, Network } from '../generated/records.js';
import { canonicalAlias, namesNothing } from '../identity/alias.js';

/**
 * Thredd's id of the payment token, the network's reference, the lifecycle trace. Only where a message has none of these, as an early TAR may,
 * card, wallet and device together stand for the token.
 */
export function ehiNames(read: FieldReader, network: Network | undefined): readonly Alias[] {
  const reference = network === 'MDES' ? 'tokenUniqueReference' : 'tokenReferenceId';
  const names = [
    name(read, 'threddPaymentTokenId', 'PaymentToken_id'),
    name(read, reference, 'TokenUniqueReference'),
    name(read, 'lifecycleTraceId', 'traceid_lifecycle'),
  ].filter((alias) => alias !== undefined);
  if (names.length > 0) return names;
  const parts = [
    read.text('Token'),
    read.text('PaymentToken_wallet')?.toUpperCase(),
    read.text('PaymentToken_deviceId'),
  ];
  if (!parts.every((part) => !namesNothing(part ?? ''))) return [];
  return [{ kind: 'cardDevice', value: parts.join('/') }];
}

function name(read: FieldReader, kind: string, field: string): Alias | undefined {
  const value = read.text(field);
  return value === undefined ? undefined : canonicalAlias(kind, value);
}
