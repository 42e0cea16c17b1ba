import { describe, expect, it } from 'vitest';
import type { Mapping } from '../facts/draft.js';
import { fact } from '../lifecycle/given.js';
import { rejection } from '../reasons.js';
import { createFactLog } from './fact-log.js';
import { finalPicture } from './picture.js';
import { seededChance } from './random.js';
import { mappedOnce, play } from './world.js';

const active = { reportedStatus: 'ACTIVE' } as const;
const alias = (kind: string, value: string) => [{ kind, value }];

/** A message whose mapper gives these facts. */
function says(...facts: readonly ReturnType<typeof fact>[]) {
  const drafts = facts.map(({ tokenId: _, ...draft }) => draft);
  return {
    read: (receivedAt: number): Mapping => ({ ok: true, facts: drafts.map((draft) => ({ ...draft, receivedAt })) }),
  };
}

describe('a message mapped once', () => {
  it('says the same each time, received when it is received', () => {
    let mapped = 0;
    const read = mappedOnce((receivedAt) => {
      mapped += 1;
      return says(fact('NOTED', 1)).read(receivedAt);
    });
    const times = [5, 9].map((receivedAt) => {
      const mapping = read(receivedAt);
      return mapping.ok && mapping.facts.map((draft) => draft.receivedAt);
    });
    expect(times).toEqual([[5], [9]]);
    expect(mapped).toBe(1);
    const refusal: Mapping = { ok: false, rejection: rejection('NOT_JSON') };
    expect(mappedOnce(() => refusal)(1)).toBe(refusal);
  });
});

describe('a world', () => {
  const one = says(fact('PROVISIONING_REQUESTED', 0, { decision: 'APPROVED', aliases: alias('correlationId', 'c1') }));
  const other = says(fact('TOKEN_CREATED', 1, { ...active, aliases: alias('correlationId', 'c2') }));
  const refused = { read: (): Mapping => ({ ok: false, rejection: rejection('NOT_JSON') }) };

  it('holds what was made of the messages played, and which were refused', () => {
    const world = play([one, refused, other], [2, 1, 0, 1]);
    expect([...world.published.keys()]).toEqual(['correlationId:c2', 'correlationId:c1']);
    expect([...world.rejected]).toEqual([1]);
    expect(world.contested).toBe(false);
    expect(world.folded.map(({ events }) => events)).toEqual(world.events.map((event) => [event]));
  });

  it('receives a message later than those before it, a repeat too', () => {
    const world = play([one, other], [0, 1, 0]);
    const received = world.events.map(({ value }) => value.recordedAt);
    const first = Date.UTC(2031, 0, 1);
    expect(received).toEqual([first, first + 1_000, first + 2_000]);
  });

  it('merges tokens that turn out to be one, and says so once', () => {
    const both = says(
      fact('NOTED', 2, { aliases: [...alias('correlationId', 'c1'), ...alias('correlationId', 'c2')] }),
    );
    const world = play([one, other, both], [0, 1, 2, 2]);
    expect([...world.published.keys()]).toEqual(['correlationId:c1']);
    expect(world.events.filter(({ type }) => type === 'tokenline.lifecycle.TokenMerged')).toHaveLength(1);
    const known = world.memories.get('correlationId:c1')?.stored.facts.map(({ kind }) => kind);
    expect(known?.filter((kind) => kind === 'FACTS_ABSORBED')).toHaveLength(2);
    expect(world.folded.filter(({ fact: { kind } }) => kind === 'TOKENS_MERGED')).toHaveLength(1);
  });

  it('says so again where chance lets it be forgotten, and ends alike', () => {
    const both = says(
      fact('NOTED', 2, { aliases: [...alias('correlationId', 'c1'), ...alias('correlationId', 'c2')] }),
    );
    const plain = finalPicture(play([one, other, both], [0, 1, 2, 2]));
    const announced = new Set<number>();
    for (let seed = 0; seed < 20; seed++) {
      const world = play([one, other, both], [0, 1, 2, 2], seededChance(seed));
      announced.add(world.folded.filter(({ fact: { kind } }) => kind === 'TOKENS_MERGED').length);
      expect(finalPicture(world)).toEqual(plain);
    }
    expect([...announced].sort()).toEqual([1, 2]);
  });

  it('is contested where names contradict each other, whatever comes after', () => {
    const named = (id: string) =>
      says(fact('NOTED', 1, { aliases: [...alias('threddPaymentTokenId', id), ...alias('lifecycleTraceId', 'x')] }));
    expect(play([named('1'), named('2'), one], [0, 1, 2]).contested).toBe(true);
    expect(play([named('1'), named('1'), one], [0, 1, 2]).contested).toBe(false);
  });

  it('ends alike with chance in between', () => {
    const plain = play([one, other, refused], [0, 1, 2]);
    for (let seed = 0; seed < 20; seed++) {
      const world = play([one, other, refused], [0, 1, 2], seededChance(seed));
      expect(new Map(world.published)).toEqual(new Map(plain.published));
    }
  });
});

describe('the log of facts', () => {
  it('keeps the facts of one token in order and serves the token that has waited longest', () => {
    const log = createFactLog();
    log.foldNext();
    expect(log.waiting()).toBe(0);
    const facts = ['a', 'b', 'a'].map((tokenId, i) => fact('NOTED', i, { tokenId }));
    for (const one of facts) log.append(one);
    expect(log.waiting()).toBe(2);
    while (log.waiting() > 0) log.foldNext();
    expect(log.events.map(({ value }) => value.factId)).toEqual([facts[0], facts[2], facts[1]].map((f) => f?.factId));
    expect(log.events.map(({ value }) => value.eventId)).toEqual([
      'token.facts-0-0-0',
      'token.facts-0-1-0',
      'token.facts-1-0-0',
    ]);
  });

  it('serves whichever token chance wants, each in its order', () => {
    const served = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const chance = seededChance(seed);
      const log = createFactLog();
      for (const [i, tokenId] of ['a', 'a', 'b'].entries()) log.append(fact('NOTED', i, { tokenId }));
      while (log.waiting() > 0) log.foldNext(chance);
      served.add(log.folded.map((one) => `${one.fact.tokenId}${one.fact.occurredAt % 60_000}`).join(' '));
    }
    expect([...served].sort()).toEqual(['a0 a1000 b2000', 'a0 b2000 a1000', 'b2000 a0 a1000']);
  });

  it('remembers who was complete, who was announced, and with what notice', () => {
    const log = createFactLog();
    log.append(fact('DEVICE_PROVISIONED', 1, { ...active, tokenId: 'a' }));
    log.append(fact('NOTED', 1, { tokenId: 'b' }));
    while (log.waiting() > 0) log.foldNext();
    expect([...log.onceComplete]).toEqual(['a']);
    expect(log.announcements).toMatchObject([
      { event: { tokenId: 'a' }, notice: { decided: 'notice' }, knownToBeOne: [] },
    ]);
  });

  it('withdraws a token that merged, and knows of the survivor with whom it is one', () => {
    const log = createFactLog();
    log.append(fact('TOKEN_CREATED', 1, { ...active, tokenId: 'younger' }));
    log.append(fact('FACTS_ABSORBED', 5, { tokenId: 'older', otherTokenId: 'younger' }));
    log.append(fact('TOKENS_MERGED', 5, { tokenId: 'younger', otherTokenId: 'older' }));
    log.append(fact('DEVICE_PROVISIONED', 2, { ...active, tokenId: 'older' }));
    while (log.waiting() > 0) log.foldNext();
    expect([...log.published.keys()]).toEqual(['older']);
    expect(log.announcements.map(({ knownToBeOne }) => knownToBeOne)).toEqual([['younger', 'younger']]);
  });
});
