/** What a mapper makes of a message, before identity says which token it is about. */
import type { TokenFact } from '../generated/records.js';
import type { Rejection } from '../reasons.js';

/** A fact without its token, unless the source knows it. */
export type FactDraft = Omit<TokenFact, 'tokenId'> & { readonly tokenId?: string | undefined };

export type Mapping =
  | { readonly ok: true; readonly facts: readonly FactDraft[] }
  | { readonly ok: false; readonly rejection: Rejection };
