import type { Page, Token } from '../answers.js';
import { openDoor } from '../door.js';
import { type Io, printJson } from '../io.js';
import { shortTime, table } from '../table.js';

/** Filters of the query door, as typed. */
export type TokenFilters = Readonly<Record<string, string | undefined>>;

/** Prints a page of tokens. */
export async function tokens(io: Io, filters: TokenFilters, json: boolean): Promise<void> {
  const page = await openDoor('query', io.env).json<Page<Token>>(`/v1/tokens${queryOf(filters)}`);
  if (json) return printJson(io, page);
  if (page.items.length === 0) return io.note('No token matches.');
  io.out(tokenTable(page.items));
  if (page.nextCursor !== undefined) io.note(`More: add --cursor ${page.nextCursor}`);
}

export function tokenTable(items: readonly Token[]): string {
  return table(
    ['token', 'network', 'status', 'outcome', 'path', 'type', 'wallet', 'card', 'updated (UTC)'],
    items.map((token) => [
      token.tokenId,
      token.network,
      token.suspendedBy.length > 0 ? `${token.status} by ${token.suspendedBy.join('+')}` : token.status,
      token.provisioning.outcome,
      token.provisioning.path,
      token.tokenType,
      token.wallet,
      token.card?.last4 ?? token.card?.ref.split(':').at(-1)?.slice(0, 12),
      shortTime(token.updatedAt),
    ]),
  );
}

/** `?a=1&b=2` of what is given; empty when nothing is. */
export function queryOf(parameters: TokenFilters): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}
