/** Ids ingest makes: random for receipts, derived where a repeat must have the same. */
import { v5, v7 } from 'uuid';

/** Tokenline's own namespace for derived ids. Never changes: every tokenId comes from it. */
const namespace = '5f0c1a7e-8a55-4d0e-9c1b-2f6f0d1e7a43';

/** Id of a receipt, in order of time. */
export function newInboundId(): string {
  return v7();
}

/** A token's id from the alias key it was first known by. */
export function tokenIdOf(aliasKey: string): string {
  return v5(`token ${aliasKey}`, namespace);
}

/** A dead letter's id from what tells it apart: a digest of the message, or a position in the log. */
export function deadLetterIdOf(origin: string): string {
  return v5(`dead-letter ${origin}`, namespace);
}
