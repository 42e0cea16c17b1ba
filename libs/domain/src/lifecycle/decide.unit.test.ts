import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TokenFact } from '../generated/records.js';
import { type Consequence, decide, recall, type TokenMemory } from './decide.js';
import { deliver, fact, noon } from './given.js';

const causeAt = (offset: number) => ({ topic: 'token.facts', partition: 3, offset });

/** What each fact leads to, one after the other, for one token. */
function decideAll(...facts: readonly TokenFact[]): readonly Consequence[] {
  let memory: TokenMemory | undefined;
  return facts.map((one, offset) => {
    const consequence = decide(memory, one, causeAt(offset));
    memory = consequence.memory;
    return consequence;
  });
}

function last(...facts: readonly TokenFact[]): Consequence {
  return decideAll(...facts).at(-1) as Consequence;
}

const active = { reportedStatus: 'ACTIVE' } as const;
const requested = fact('PROVISIONING_REQUESTED', 0, { decision: 'APPROVED', reasonCode: '71', actor: 'ISSUER' });
const onDevice = fact('DEVICE_PROVISIONED', 9, {
  ...active,
  wallet: 'APPLE',
  tokenRequestorId: '50120834693',
  device: { id: 'd1' },
  card: { ref: 'threddPublicToken:1' },
});
const nothingNew = fact('NOTED', 20);
const merge = fact('TOKENS_MERGED', 500, { otherTokenId: 'older', actor: 'TOKENLINE' });

/** Where an event comes from: the fact, and where that lies. */
const traceOf = (one: TokenFact, offset: number, version: number, index = 0) => ({
  eventId: `token.facts-3-${offset}-${index}`,
  tokenId: 't1',
  version,
  occurredAt: one.occurredAt,
  recordedAt: one.receivedAt,
  factId: one.factId,
  factKind: one.kind,
  source: one.source,
  actor: one.actor,
  reasonCode: one.reasonCode,
  cause: causeAt(offset),
});

describe('a fact that changes what is published', () => {
  it('is told as TokenChanged, with the state to publish under the next version', () => {
    const { events, published, memory, changed, forwarded } = last(requested);
    const state = { ...memory.folded.state, version: 1 };
    expect(events).toEqual([
      {
        type: 'tokenline.lifecycle.TokenChanged',
        value: { ...traceOf(requested, 0, 1), late: false, changes: expect.any(Array), state },
      },
    ]);
    expect(published).toEqual(state);
    expect(memory.stored).toEqual({
      tokenId: 't1',
      facts: [requested],
      version: 1,
      completionAnnounced: false,
      lastFact: causeAt(0),
    });
    expect([changed, forwarded]).toEqual([true, []]);
  });

  it('is the first one about a token, whatever it says: nobody knew that there is one', () => {
    const silent = fact('NOTED', 0, { network: 'UNKNOWN', tokenType: undefined });
    expect(last(silent).events).toMatchObject([
      { type: 'tokenline.lifecycle.TokenChanged', value: { changes: [{ field: 'status', to: 'INACTIVE' }] } },
    ]);
  });

  it('that completes the provisioning is told twice: what changed, then what a notice needs', () => {
    const { events, memory } = last(requested, onDevice);
    expect(events).toEqual([
      {
        type: 'tokenline.lifecycle.TokenChanged',
        value: expect.objectContaining({ ...traceOf(onDevice, 1, 2), late: false }),
      },
      {
        type: 'tokenline.lifecycle.ProvisioningCompleted',
        value: {
          ...traceOf(onDevice, 1, 2, 1),
          network: 'VTS',
          path: 'GREEN',
          tokenType: 'SECURE_ELEMENT',
          wallet: 'APPLE',
          tokenRequestorId: '50120834693',
          device: { id: 'd1' },
          card: { ref: 'threddPublicToken:1' },
          completedAt: onDevice.occurredAt,
        },
      },
    ]);
    expect(memory.stored).toMatchObject({ completionAnnounced: true, lastFact: causeAt(1) });
  });

  it('and is older than one known is marked late', () => {
    expect(last(onDevice, requested).events[0]?.value).toMatchObject({ late: true });
    expect(last(requested, { ...nothingNew, occurredAt: requested.occurredAt - 1 }).events[0]?.value).toMatchObject({
      late: true,
    });
  });
});

describe('a fact that changes nothing published', () => {
  it('is told as FactNoted, under the version that stands, and nothing is published', () => {
    const consequence = last(requested, nothingNew);
    expect(consequence.events).toEqual([
      { type: 'tokenline.lifecycle.FactNoted', value: { ...traceOf(nothingNew, 1, 1), late: false } },
    ]);
    expect(consequence).not.toHaveProperty('published');
    expect(consequence.changed, 'it is remembered').toBe(true);
    expect(consequence.memory.stored.facts).toEqual([requested, nothingNew]);
  });

  it('is told as FactIgnored where it is a repeat, and leaves the memory as it is', () => {
    const [before, repeat] = decideAll(requested, { ...requested, receivedAt: noon + 99_000 });
    expect(repeat).toEqual({
      events: [
        {
          type: 'tokenline.lifecycle.FactIgnored',
          value: {
            ...traceOf({ ...requested, receivedAt: noon + 99_000 }, 1, 1),
            reason: 'REPEAT',
            explanation: 'The fact is already known.',
          },
        },
      ],
      memory: before?.memory,
      changed: false,
      forwarded: [],
    });
  });

  it('is told as FactIgnored where it is not legal, and is remembered: a late fact may make it so', () => {
    const claimed = fact('TOKEN_SUSPENDED', 30);
    const consequence = last(fact('TOKEN_DELETED', 10), claimed);
    expect(consequence.events).toEqual([
      {
        type: 'tokenline.lifecycle.FactIgnored',
        value: {
          ...traceOf(claimed, 1, 1),
          reason: 'ILLEGAL',
          explanation: 'TOKEN_SUSPENDED is not legal for a token that is DELETED.',
        },
      },
    ]);
    expect(consequence.memory.stored.facts).toHaveLength(2);
  });

  it('names the token all the same where it is not legal: told as both, each under an id of its own', () => {
    const claimed = fact('TOKEN_SUSPENDED', 30, { aliases: [{ kind: 'correlationId', value: 'c1' }] });
    expect(last(fact('TOKEN_DELETED', 10), claimed).events).toMatchObject([
      { type: 'tokenline.lifecycle.FactIgnored', value: { eventId: 'token.facts-3-1-0', version: 1 } },
      {
        type: 'tokenline.lifecycle.TokenChanged',
        value: { eventId: 'token.facts-3-1-1', version: 2, changes: [{ field: 'aliases', to: 'correlationId:c1' }] },
      },
    ]);
  });
});

describe('an activation code', () => {
  const issued = 'tokenline.lifecycle.ActivationCodeIssued';
  const activation = { method: 'SMS', expiresAt: noon + 900_000 };
  const code = fact('ACTIVATION_CODE_ISSUED', 5, { activation: { ...activation, codeSealed: 'jwe' } });
  const issuedIn = ({ events }: Pick<Consequence, 'events'>) => events.filter(({ type }) => type === issued);

  it('is told beside what it changes, with what a notice needs and without the code', () => {
    const known = { wallet: 'APPLE', tokenRequestorId: '50120834693', device: { id: 'd1' }, card: { ref: 'a:1' } };
    expect(last(requested, { ...code, ...known }).events).toEqual([
      expect.objectContaining({ type: 'tokenline.lifecycle.TokenChanged' }),
      {
        type: issued,
        value: { ...traceOf(code, 1, 2, 1), network: 'VTS', tokenType: 'SECURE_ELEMENT', ...known, ...activation },
      },
    ]);
  });

  it('is told under an id of its own beside all that follows from one fact', () => {
    const completing = { ...code, occurredAt: noon + 30_000, reportedStatus: 'ACTIVE', wallet: 'APPLE' } as const;
    const inactive = { ...onDevice, reportedStatus: 'INACTIVE' } as const;
    const { events } = last(requested, inactive, completing);
    expect(events.map(({ type, value }) => [type.split('.').at(-1), value.eventId.split('-').at(-1)])).toEqual([
      ['TokenChanged', '0'],
      ['ProvisioningCompleted', '1'],
      ['ActivationCodeIssued', '2'],
    ]);
  });

  it('is told where the token does not allow it: the network waits all the same', () => {
    expect(issuedIn(last(fact('TOKEN_DELETED', 1), { ...code, reportedStatus: 'ACTIVE' }))).toHaveLength(1);
    expect(issuedIn(last(fact('PROVISIONING_REQUESTED', 0, { decision: 'DECLINED' }), code))).toHaveLength(1);
  });

  it('is not told where it is a repeat, or where nothing is said of a code', () => {
    expect(issuedIn(last(code, { ...code, receivedAt: noon + 99_000 }))).toEqual([]);
    const { activation: _activation, ...silent } = code;
    expect(issuedIn(last(requested, silent))).toEqual([]);
    expect(issuedIn(last(requested, { ...nothingNew, activation }))).toEqual([]);
  });

  it('is told for each code once, with its method, in whatever order facts and merges come', () => {
    const codes = [1, 2, 3].map((n) => fact('ACTIVATION_CODE_ISSUED', n, { activation: { method: `M${n}` } }));
    const young = codes.map((one) => ({ ...one, tokenId: 'young' }));
    const facts = fc.constantFrom(...codes, ...young, requested, onDevice);
    const days = fc.tuple(fc.array(facts, { maxLength: 12 }), fc.nat({ max: 12 }));
    fc.assert(
      fc.property(days, ([day, at]) => {
        const merging = [
          fact('FACTS_ABSORBED', 6, { factId: 'absorbing:young', otherTokenId: 'young' }),
          fact('TOKENS_MERGED', 6, { tokenId: 'young', otherTokenId: 't1' }),
        ];
        const { events } = deliver(day.toSpliced(at, 0, ...merging));
        const told = events.flatMap((event) => (event.type === issued ? [event.value] : []));
        const sent = day.filter(({ kind }) => kind === 'ACTIVATION_CODE_ISSUED');
        expect(new Set(told.map(({ factId, method }) => `${factId} ${method}`))).toEqual(
          new Set(sent.map(({ factId, activation: of }) => `${factId} ${of?.method}`)),
        );
        const tokensOf = (factId: string) =>
          new Set(sent.filter((one) => one.factId === factId).map((one) => one.tokenId));
        for (const { factId } of told) {
          expect(told.filter((one) => one.factId === factId).length).toBeLessThanOrEqual(tokensOf(factId).size);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('what is remembered', () => {
  it.each([{ activation: { codeSealed: 'jwe' } }, { tokenPanSealed: 'jwe' }])('holds nothing sealed: %j', (sealed) => {
    const { facts } = last(fact('ACTIVATION_CODE_ISSUED', 5, sealed)).memory.stored;
    expect(facts).toHaveLength(1);
    expect(facts[0]).not.toHaveProperty('activation');
    expect(facts[0]).not.toHaveProperty('tokenPanSealed');
  });

  it('is enough to go on as if one had never stopped', () => {
    const { memory } = last(requested, onDevice);
    const recalled = recall(memory.stored);
    expect(recalled.folded.state).toEqual(memory.folded.state);
    expect(decide(recalled, nothingNew, causeAt(2))).toEqual(decide(memory, nothingNew, causeAt(2)));
  });
});

describe('a merge', () => {
  it('withdraws the token and sends its facts to the survivor, led by whether it has announced', () => {
    const heard = fact('FACTS_ABSORBED', 400, { factId: 'absorbing:third', otherTokenId: 'third' });
    const { events, memory, changed, forwarded, published } = last(requested, onDevice, heard, merge);
    expect(events).toEqual([
      { type: 'tokenline.lifecycle.TokenMerged', value: { ...traceOf(merge, 3, 3), intoTokenId: 'older' } },
    ]);
    expect(memory.stored).toEqual({
      tokenId: 't1',
      facts: [],
      version: 3,
      completionAnnounced: true,
      lastFact: causeAt(3),
      mergedInto: 'older',
    });
    expect(memory.folded.state.status).toBe('INACTIVE');
    expect([changed, published]).toEqual([true, null]);
    expect(forwarded).toEqual([
      { ...heard, tokenId: 'older' },
      {
        ...merge,
        factId: 'absorbed:t1',
        tokenId: 'older',
        kind: 'FACTS_ABSORBED',
        otherTokenId: 't1',
        completionAnnounced: true,
        aliases: [],
      },
      { ...requested, tokenId: 'older' },
      { ...onDevice, tokenId: 'older' },
    ]);
  });

  it('sends on what comes afterwards, without what is sealed, and says so', () => {
    const activation = { method: 'SMS', expiresAt: noon + 900_000 };
    const sealed = fact('ACTIVATION_CODE_ISSUED', 600, {
      activation: { ...activation, codeSealed: 'jwe', contactSealed: 'jwe' },
      tokenPanSealed: 'jwe',
    });
    const { tokenPanSealed: _tokenPanSealed, ...open } = sealed;
    const [merged, after] = decideAll(merge, sealed).slice(-2);
    expect(after).toEqual({
      events: [
        {
          type: 'tokenline.lifecycle.FactIgnored',
          value: {
            ...traceOf(sealed, 1, 1),
            reason: 'MERGED',
            explanation: 'The token is older; the fact has gone there.',
          },
        },
      ],
      memory: merged?.memory,
      changed: false,
      forwarded: [{ ...open, tokenId: 'older', activation }],
    });
    expect(after?.forwarded[0]?.activation).toStrictEqual(activation);
    expect(after?.forwarded[0]).not.toHaveProperty('tokenPanSealed');
  });

  it('heard of again is not sent on', () => {
    const again = fact('TOKENS_MERGED', 700, { otherTokenId: 'oldest' });
    expect(last(merge, again)).toMatchObject({
      changed: false,
      forwarded: [],
      events: [{ value: { reason: 'MERGED' } }],
    });
  });

  it('into nobody is only noted', () => {
    const { otherTokenId: _, ...nobody } = merge;
    expect(last(requested, nobody).events.map(({ type }) => type)).toEqual(['tokenline.lifecycle.FactNoted']);
  });

  it('told to the survivor with an announcement made elsewhere is remembered as one made here', () => {
    const absorbed = fact('FACTS_ABSORBED', 500, { otherTokenId: 'younger', completionAnnounced: true });
    const consequence = last(absorbed, requested, onDevice);
    expect(consequence.memory.stored.completionAnnounced).toBe(true);
    expect(consequence.events.map(({ type }) => type)).toEqual(['tokenline.lifecycle.TokenChanged']);
    const silent = last({ ...absorbed, completionAnnounced: false }, requested, onDevice);
    expect(silent.events.map(({ type }) => type)).toContain('tokenline.lifecycle.ProvisioningCompleted');
    const others = last(requested, { ...nothingNew, completionAnnounced: true }, onDevice);
    expect(others.events.map(({ type }) => type)).toContain('tokenline.lifecycle.ProvisioningCompleted');
  });
});
