/** How tokens end by the facts recorded, and by the facts the present mappers make. Pure. */
import { isDeepStrictEqual } from 'node:util';
import { compareFacts, type FoldedState, fold, type TokenFact } from '@tokenline/domain';
import type { FactFinding } from './comparison.js';

export interface EndsDifferently {
  readonly tokenId: string;
  /** Fields of the final state that differ; with their values where these are words of ours. */
  readonly differs: readonly string[];
}

/** Whether the token ends otherwise with the findings than with its recorded facts (in any order, repeats included); undefined when it does not. */
export function endingOf(
  tokenId: string,
  recorded: readonly TokenFact[],
  findings: ReadonlyMap<string, FactFinding>,
  added: readonly FactFinding[],
): EndsDifferently | undefined {
  const first = new Map<string, TokenFact>();
  for (const fact of recorded) if (!first.has(fact.factId)) first.set(fact.factId, fact);
  // Its facts live on under the surviving token.
  if ([...first.values()].some(({ kind }) => kind === 'TOKENS_MERGED')) return undefined;
  const before = stateOf(tokenId, [...first.values()]);
  const after = stateOf(tokenId, [
    ...[...first.values()].flatMap((fact) => {
      const finding = findings.get(fact.factId);
      if (finding === undefined) return [fact];
      return finding.draft === undefined ? [] : [{ ...finding.draft, tokenId }];
    }),
    ...added.flatMap(({ draft }) => (draft === undefined ? [] : [{ ...draft, tokenId }])),
  ]);
  const differs = differences(before, after);
  return differs.length === 0 ? undefined : { tokenId, differs };
}

/** Undefined where there are no facts: then there is no token. */
function stateOf(tokenId: string, facts: readonly TokenFact[]): FoldedState | undefined {
  return facts.length === 0 ? undefined : fold(tokenId, [...facts].sort(compareFacts)).state;
}

/** Fields whose values are words of ours and say nothing of anybody. */
const shown = ['status', 'suspendedBy', 'provisioning.outcome', 'provisioning.path', 'tokenType', 'network'];

function differences(before: FoldedState | undefined, after: FoldedState | undefined): readonly string[] {
  if (before === undefined) return after === undefined ? [] : ['would be there'];
  if (after === undefined) return ['would not be there'];
  const [one, other] = [fieldsOf(before), fieldsOf(after)];
  return [...new Set([...one.keys(), ...other.keys()])]
    .filter((name) => !isDeepStrictEqual(one.get(name), other.get(name)))
    .map((name) => (shown.includes(name) ? `${name}: ${text(one.get(name))} → ${text(other.get(name))}` : name));
}

function fieldsOf({ provisioning, ...state }: FoldedState): ReadonlyMap<string, unknown> {
  const nested = Object.entries(provisioning).map(([name, value]) => [`provisioning.${name}`, value] as const);
  return new Map([...Object.entries(state), ...nested].filter(([, value]) => value !== undefined));
}

function text(value: unknown): string {
  if (value === undefined) return 'none';
  return Array.isArray(value) ? value.join('+') || 'nobody' : String(value);
}
