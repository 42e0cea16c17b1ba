import type { Token } from '../answers.js';
import { openDoor } from '../door.js';
import { findTokens } from '../find-token.js';
import { type Io, printJson } from '../io.js';
import { fields, shortTime } from '../table.js';
import { tokenTable } from './tokens.js';

/** Prints one token in full; several that answer to the same name as a table. */
export async function token(io: Io, name: string, options: { json: boolean; asOf?: string }): Promise<void> {
  const found = await findTokens(openDoor('query', io.env), name, options.asOf);
  const [only, ...others] = found;
  if (options.json) return printJson(io, others.length === 0 ? only : found);
  io.out(others.length === 0 ? describe(only as Token) : tokenTable(found));
}

function describe(token: Token): string {
  const { provisioning, device, bindings = [], card } = token;
  return fields([
    ['token', token.tokenId],
    ['network', token.network],
    ['status', token.status],
    ['suspended by', token.suspendedBy.join(', ')],
    ['provisioning', listed(provisioning.outcome, provisioning.path)],
    ['  requested', shortTime(provisioning.requestedAt)],
    ['  on device', shortTime(provisioning.onDeviceAt)],
    ['  activated', shortTime(provisioning.activatedAt)],
    ['  completed', shortTime(provisioning.completedAt)],
    ['type', token.tokenType],
    ['wallet', token.wallet],
    ['requestor', token.tokenRequestorId],
    ['device', listed(device?.name, device?.type, device?.id)],
    ...bindings.map(
      ({ bindingId, device: bound, boundAt }) =>
        ['bound', listed(bindingId, bound?.name, bound?.type, bound?.id, `since ${shortTime(boundAt)}`)] as const,
    ),
    ['removed in wallet', shortTime(token.removedFromWalletAt)],
    ['card', [card?.ref, card?.last4 === undefined ? undefined : `ends in ${card.last4}`].filter(Boolean).join(', ')],
    ['expires', token.tokenExpiry],
    ['first used', shortTime(token.firstUsedAt)],
    ['merged into', token.mergedInto],
    ...token.aliases.map(({ kind, value }) => [kind, value] as const),
    ['version', token.version],
    ['updated (UTC)', shortTime(token.updatedAt)],
  ]);
}

function listed(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(', ');
}
