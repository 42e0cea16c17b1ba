import { createMappers, type InboundMessage, type Mapping, mapMessage, type TokenFact } from '@tokenline/domain';
import { type EhiFields, ehiMessages, ehiToken } from '@tokenline/domain/testing';
import { describe, expect, it } from 'vitest';
import { createComparison, type FactFinding } from './comparison.js';
import { endingOf } from './endings.js';

const mappers = createMappers({
  localInstants: (t) => [Date.UTC(t.year, t.month - 1, t.day, t.hour, t.minute, t.second, t.millisecond)],
});

const token = ehiToken(1);
const flow: readonly EhiFields[] = [ehiMessages.tar(token, 1, '00'), ehiMessages.ten(token, 2, '71', 'A')];

function message(fields: EhiFields, receivedAt = 1_000): InboundMessage {
  const source = 'thredd-ehi';
  return { inboundId: 'i', source, operation: 'o', receivedAt, headers: {}, fields, sealed: {} } as InboundMessage;
}

/** What the normalizer wrote of a message. */
function recorded(one: InboundMessage, tokenId = 't1'): readonly TokenFact[] {
  const mapping = mapMessage(mappers, one);
  return mapping.ok ? mapping.facts.map((fact) => ({ ...fact, tokenId })) : [];
}

type Change = (mapping: Mapping) => Mapping;
const asIs: Change = (mapping) => mapping;

/** A mapper that is another from the second message on. */
const fromSecond =
  (change: Change): ((place: number) => Change) =>
  (place) =>
    place === 0 ? asIs : change;

function compare(
  messages: readonly InboundMessage[],
  facts: readonly TokenFact[],
  change: (place: number) => Change = () => asIs,
) {
  const comparison = createComparison();
  messages.forEach((one, i) => void comparison.message(one, change(i)(mapMessage(mappers, one))));
  for (const fact of facts) comparison.fact(fact);
  return { findings: comparison.findings(), counts: comparison.counts() };
}

const messages = flow.map((fields) => message(fields));
const facts = messages.flatMap((one) => recorded(one));

describe('renormalisation', () => {
  it('finds nothing where mappers are as they were: repeats, re-homed copies and messages long gone included', () => {
    const repeat = message(flow[0] as EhiFields, 9_000);
    const [first] = facts as [TokenFact];
    const rehomed = { ...first, tokenId: 't2' };
    const ours = { ...first, factId: 'merge:t1:t2', source: 'tokenline', sourceMessageId: 'thredd-ehi:1' };
    const old = { ...first, factId: 'thredd-ehi:77', sourceMessageId: '77' };
    const { findings, counts } = compare([...messages, repeat], [rehomed, ...facts, ...recorded(repeat), ours, old]);
    expect(findings).toEqual([]);
    expect(counts).toEqual({ messages: 3, refused: 0, facts: 4, same: 2, withoutMessage: 2 });
  });

  it('compares of a sealed value that there is one, each copy being sealed anew, and of a code not even that', () => {
    const [fact] = facts as [TokenFact];
    const differing = (drafted: Partial<TokenFact>, logged: Partial<TokenFact>) => {
      const comparison = createComparison();
      comparison.message(messages[0] as InboundMessage, { ok: true, facts: [{ ...fact, ...drafted }] });
      comparison.fact({ ...fact, ...logged });
      return comparison.findings().flatMap(({ fields }) => fields);
    };
    expect(differing({ tokenPanSealed: 'a.b' }, { tokenPanSealed: 'c.d' })).toEqual([]);
    expect(differing({ tokenPanSealed: 'a.b' }, {})).toEqual(['tokenPanSealed']);
    const code = { codeSealed: 'a.b', contactSealed: 'c.d' };
    expect(differing({ activation: { method: 'SMS', ...code } }, { activation: { method: 'SMS' } })).toEqual([]);
    expect(differing({ activation: { method: 'SMS', ...code } }, { activation: code })).toEqual(['activation']);
  });

  it('names a fact that comes out changed, with its fields', () => {
    const change: Change = (mapping) =>
      mapping.ok ? { ok: true, facts: mapping.facts.map((fact) => ({ ...fact, actor: 'ISSUER' })) } : mapping;
    const { findings } = compare(messages, facts, fromSecond(change));
    expect(findings).toMatchObject([{ factId: 'thredd-ehi:2', what: 'changed', fields: ['actor'] }]);
  });

  it('names a fact its message gives no more, refused or left out', () => {
    const gone = [{ factId: 'thredd-ehi:2', what: 'gone', fields: [] }];
    const rejection = { code: 'INTERNAL', explanation: '', errors: [] } as const;
    expect(
      compare(
        messages,
        facts,
        fromSecond(() => ({ ok: true, facts: [] })),
      ).findings,
    ).toEqual(gone);
    expect(
      compare(
        messages,
        facts,
        fromSecond(() => ({ ok: false, rejection })),
      ).findings,
    ).toEqual(gone);
  });

  it('names a fact the log lacks', () => {
    expect(compare(messages, facts.slice(1)).findings).toMatchObject([{ factId: 'thredd-ehi:1', what: 'new' }]);
  });
});

describe('how a token ends', () => {
  const finding = (of: Partial<FactFinding>): FactFinding => ({ factId: 'f', what: 'gone', fields: [], ...of });
  const ending = (...found: readonly FactFinding[]) =>
    endingOf('t1', [...facts, ...facts], new Map(found.map((one) => [one.factId, one])), []);

  it('is told only when it is another', () => {
    expect(ending()).toBeUndefined();
    const [, second] = facts as [TokenFact, TokenFact];
    const changed = { ...second, sourceMessageId: 'another' };
    expect(ending(finding({ factId: second.factId, what: 'changed', draft: changed }))).toBeUndefined();
  });

  it('is told by the fields that differ, with words of ours as values and nothing else', () => {
    const found = ending(finding({ factId: 'thredd-ehi:2' }));
    expect(found?.differs).toContain('status: ACTIVE → INACTIVE');
    expect(found?.differs.filter((one) => one.includes(':')).every((one) => /^(status|provisioning)/.test(one))).toBe(
      true,
    );
    expect(JSON.stringify(found)).not.toContain(token.reference);
  });

  it('tells of a token that would not be there, and of one that would', () => {
    const all = facts.map(({ factId }) => finding({ factId }));
    expect(ending(...all)?.differs).toEqual(['would not be there']);
    const added = facts.map((draft) => finding({ factId: draft.factId, what: 'new', draft }));
    expect(endingOf('t9', [], new Map(), added)?.differs).toEqual(['would be there']);
  });

  it('of a merged token is its survivor’s business', () => {
    const merged = { ...(facts[0] as TokenFact), factId: 'm', kind: 'TOKENS_MERGED', otherTokenId: 't2' } as const;
    expect(endingOf('t1', [...facts, merged], new Map([['thredd-ehi:2', finding({})]]), [])).toBeUndefined();
  });
});
