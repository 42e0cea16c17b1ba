/** The order in which facts are folded: when they happened, then where they stand in a provisioning flow, then their id. */
import type { FactKind, TokenFact } from '../generated/records.js';

const precedence: Readonly<Record<FactKind, number>> = {
  PROVISIONING_REQUESTED: 0,
  TOKEN_CREATED: 1,
  ACTIVATION_CODE_ISSUED: 2,
  DEVICE_PROVISIONED: 3,
  AUTHENTICATION_FAILED: 4,
  AUTHENTICATION_SUCCEEDED: 5,
  STATUS_REPORTED: 6,
  TOKEN_UPDATED: 7,
  TOKEN_REPLACED: 8,
  DEVICE_BOUND: 9,
  DEVICE_UNBOUND: 10,
  CARDHOLDER_VERIFIED: 11,
  TOKEN_USED: 12,
  NOTED: 13,
  TOKEN_RESUMED: 14,
  TOKEN_SUSPENDED: 15,
  TOKEN_DELETED: 16,
  DEADLINE_PASSED: 17,
  TOKENS_MERGED: 18,
  FACTS_ABSORBED: 19,
  UNKNOWN: 20,
};

/** Total order over facts of one token; zero only for the same factId. */
export function compareFacts(a: TokenFact, b: TokenFact): number {
  return (
    a.occurredAt - b.occurredAt ||
    precedence[a.kind] - precedence[b.kind] ||
    (a.factId < b.factId ? -1 : a.factId > b.factId ? 1 : 0)
  );
}

/** Where `fact` belongs in the sorted `facts`. */
export function placeOf(facts: readonly TokenFact[], fact: TokenFact): number {
  let low = 0;
  let high = facts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareFacts(facts[middle] as TokenFact, fact) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
