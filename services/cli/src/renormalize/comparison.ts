/**
 * Facts as they were recorded, compared with what the present mappers make of the same messages. Pure: bytes in, findings out.
 *
 *   every message ─ map ─▶ drafts ──┐
 *                                   ├── the same, changed, gone (the message gives it no more), new (the log lacks it)
 *   every fact ─────────────────────┘
 *
 * Compared is everything a mapper decides: a fact's token is identity's business, its time of receipt the edge's, and of a sealed value only that
 * there is one, since each copy of a message is sealed anew; codes are left out, they are not on the log. Facts whose messages are gone from the log (30 days), that came with no message, or that
 * Tokenline made itself are left alone.
 */
import { isDeepStrictEqual } from 'node:util';
import { type FactDraft, type InboundMessage, type Mapping, type TokenFact, withoutCode } from '@tokenline/domain';
import { nameOfMessage, namesOfFact } from '@tokenline/verification';

export interface FactFinding {
  readonly factId: string;
  readonly what: 'changed' | 'gone' | 'new';
  /** Names of the fields that differ; only for `changed`. */
  readonly fields: readonly string[];
  readonly draft?: FactDraft;
}

export interface Counts {
  readonly messages: number;
  /** Messages the present mappers refuse. */
  readonly refused: number;
  readonly facts: number;
  readonly same: number;
  /** Facts with no message to compare with. */
  readonly withoutMessage: number;
}

export interface Comparison {
  /** A message and what the present mappers make of it. */
  readonly message: (message: InboundMessage, mapping: Mapping) => void;
  /** A recorded fact; after all messages. */
  readonly fact: (fact: TokenFact) => void;
  readonly findings: () => readonly FactFinding[];
  readonly counts: () => Counts;
}

interface Recorded {
  readonly names: readonly string[];
  /** Whether some copy is as some draft is. */
  same: boolean;
  /** Of each draft the fields in which the copy that was nearest to it differs. */
  fields: readonly string[];
}

export function createComparison(): Comparison {
  const drafts = new Map<string, FactDraft[]>();
  const messages = new Set<string>();
  const recorded = new Map<string, Recorded>();
  let counted = 0;
  let refused = 0;

  return {
    message: (message, mapping) => {
      counted += 1;
      const name = nameOfMessage(message);
      if (name !== undefined) messages.add(name);
      if (!mapping.ok) refused += 1;
      for (const draft of mapping.ok ? mapping.facts : []) {
        const copies = drafts.get(draft.factId) ?? [];
        if (!copies.some((copy) => differingFields(copy, draft).length === 0)) copies.push(draft);
        drafts.set(draft.factId, copies);
      }
    },
    fact: (fact) => {
      const ways = (drafts.get(fact.factId) ?? []).map((draft) => differingFields(fact, draft));
      const [nearest = []] = ways.sort((a, b) => a.length - b.length);
      const known = recorded.get(fact.factId);
      if (known === undefined) {
        const same = ways.length > 0 && nearest.length === 0;
        recorded.set(fact.factId, { names: namesOfFact(fact), same, fields: nearest });
      } else if (ways.length > 0 && nearest.length === 0) known.same = true;
      else if (nearest.length < known.fields.length) known.fields = nearest;
    },
    findings: () => {
      const found: FactFinding[] = [];
      for (const [factId, { names, same, fields }] of recorded) {
        const draft = drafts.get(factId)?.[0];
        if (draft !== undefined && !same) found.push({ factId, what: 'changed', fields, draft });
        else if (draft === undefined && names.some((name) => messages.has(name)))
          found.push({ factId, what: 'gone', fields: [] });
      }
      for (const [factId, [draft]] of drafts)
        if (draft !== undefined && !recorded.has(factId)) found.push({ factId, what: 'new', fields: [], draft });
      return found;
    },
    counts: () => {
      const all = [...recorded.values()];
      return {
        messages: counted,
        refused,
        facts: all.length,
        same: all.filter(({ same }) => same).length,
        withoutMessage: [...recorded].filter(
          ([factId, { names }]) => !drafts.has(factId) && !names.some((name) => messages.has(name)),
        ).length,
      };
    },
  };
}

/** Names of the top fields in which two facts differ. A copy that went on to a surviving token has left its sealed values behind. */
function differingFields(a: FactDraft, b: FactDraft): readonly string[] {
  const [one, other] = [comparable(a), comparable(b)];
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
    (name) => !isDeepStrictEqual(one[name], other[name]),
  );
}

function comparable(fact: FactDraft): Readonly<Record<string, unknown>> {
  const { tokenId: _tokenId, receivedAt: _receivedAt, ...decided } = withoutCode(fact) as Partial<TokenFact>;
  return plain(decided) as Record<string, unknown>;
}

/** Without absent fields, and every sealed value as the fact that there is one. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const given = Object.entries(value).filter(([, field]) => field !== undefined && field !== null);
  return Object.fromEntries(given.map(([name, field]) => [name, name.endsWith('Sealed') ? 'sealed' : plain(field)]));
}
