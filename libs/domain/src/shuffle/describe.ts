/** A message in a line, for people: when, what it asserts, who, and by which names. Nothing sealed is in it. */
import type { FactDraft, Mapping } from '../facts/draft.js';
import { aliasKey } from '../identity/alias.js';

/** What a mapper made of a message, as a line. */
export function describeMapping(mapping: Mapping): string {
  return mapping.ok ? mapping.facts.map(describeDraft).join('; ') : `refused by the mapper: ${mapping.rejection.code}`;
}

function describeDraft(fact: FactDraft): string {
  const { occurredAt, kind, reasonCode, decision, reportedStatus, suspenders, tokenType, tokenExpiry, actor } = fact;
  const says = [
    reasonCode === undefined ? kind : `${kind} (${reasonCode})`,
    decision,
    reportedStatus,
    suspenders === undefined ? undefined : `held by [${suspenders.join(' ')}]`,
    tokenExpiry === undefined ? undefined : `expires ${tokenExpiry}`,
    tokenType,
    `by ${actor}`,
  ];
  const names = [...(fact.tokenId === undefined ? [] : [`tokenId:${fact.tokenId}`]), ...fact.aliases.map(aliasKey)];
  return `${new Date(occurredAt).toISOString()}  ${says.filter((part) => part !== undefined).join(', ')}  ${names.join(' ')}`;
}
