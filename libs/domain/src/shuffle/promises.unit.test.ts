import { describe, expect, it } from 'vitest';
import type { DeadlinePassed, DeadlinePurpose } from '../generated/records.js';
import { fact } from '../lifecycle/given.js';
import { ehiToken } from '../testing/ehi.js';
import { ehiLine, nameLetters } from '../testing/story.js';
import { finalPicture, pictureDifferences } from './picture.js';
import { brokenPromises } from './promises.js';
import { play, type World } from './world.js';

const at = Date.UTC(2030, 0, 15, 12);
const saying = (messageId: number) => ({
  token: ehiToken(1),
  messageId,
  at: at + messageId * 1_000,
  names: nameLetters,
});
const messages = [
  ehiLine(saying(1), { Proc_Code: '330000', Resp_Code_DE39: '00' }),
  ehiLine(saying(2), { Proc_Code: '350000', PaymentToken_creatorStatus: 'A' }),
];
/** The token's world, its id, what is published of it, what is remembered of it, and the announcement of its completion. */
function provisioned() {
  const world = play(messages, [0, 1, 1]);
  const [tokenId, published] = [...world.published][0] ?? [];
  const [announcement] = world.announcements;
  const memory = tokenId === undefined ? undefined : world.memories.get(tokenId);
  if (tokenId === undefined || published === undefined || announcement === undefined || memory === undefined) {
    throw new Error('The token was provisioned and announced.');
  }
  /** What is broken in the world with one thing wrong. */
  const but = (wrong: Partial<World>): readonly string[] => brokenPromises({ ...world, ...wrong });
  return { world, tokenId, published, announcement, memory, but };
}

describe('a world that keeps its promises', () => {
  it('is what the core makes', () => {
    const { world } = provisioned();
    expect(brokenPromises(world)).toEqual([]);
    expect(world.announcements).toHaveLength(1);
  });

  it('has no gap in its versions', () => {
    const { world, tokenId, but } = provisioned();
    const gap = world.events.filter((event) => event.value.version !== 1);
    expect(but({ events: gap })).toEqual([`${tokenId}: version 2 where 1 is due.`]);
  });

  it('publishes what the fold says', () => {
    const { tokenId, published, memory, but } = provisioned();
    const stale = new Map([[tokenId, { ...published, status: 'DELETED' as const }]]);
    expect(but({ published: stale })[0]).toMatch(/published is .*DELETED.*, the fold says .*ACTIVE/);
    expect(but({ published: new Map([[tokenId, { ...published, version: 9 }]]) })).toHaveLength(1);
    const merged = new Map([[tokenId, { ...memory, stored: { ...memory.stored, mergedInto: 'other' } }]]);
    expect(but({ memories: merged })).toContain(`${tokenId}: published though merged.`);
  });

  it('announces who is complete, once, and nobody else', () => {
    const { tokenId, announcement, but } = provisioned();
    expect(but({ announcements: [] })).toEqual([`${tokenId}: complete, but never announced.`]);
    expect(but({ announcements: [announcement, announcement] })).toEqual([`${tokenId}: announced twice.`]);
    expect(but({ onceComplete: new Set() })).toEqual([`${tokenId}: announced, but never complete.`]);
  });

  it('does not announce again what it knows to be announced', () => {
    const { world, tokenId, announcement, memory, but } = provisioned();
    const younger = { ...memory, stored: { ...memory.stored, tokenId: 'younger', mergedInto: tokenId } };
    const first = { ...announcement, event: { ...announcement.event, tokenId: 'younger' } };
    const twice = (knownToBeOne: readonly string[]) =>
      but({
        memories: new Map([...world.memories, ['younger', younger]]),
        onceComplete: new Set([tokenId, 'younger']),
        announcements: [first, { ...announcement, knownToBeOne }],
      });
    expect(twice([])).toEqual([]);
    expect(twice(['younger'])).toEqual([`${tokenId}: announced again, though it is known to be one with younger.`]);
    const second = { ...announcement, event: { ...announcement.event, tokenId: 'second' } };
    const thrice = but({
      memories: new Map([...world.memories, ['younger', younger], ['second', younger]]),
      onceComplete: new Set([tokenId, 'younger', 'second']),
      announcements: [first, second, { ...announcement, knownToBeOne: ['second'] }],
    });
    expect(thrice).toEqual([`${tokenId}: announced again, though it is known to be one with younger and second.`]);
  });

  it('tells of a deadline once, where a fact states it and something is still waited for', () => {
    const { tokenId, world } = provisioned();
    const deadline = { purpose: 'TOKEN_UNUSED', since: at, dueAt: at + 9_000 } as const;
    const told = (times: number, purpose: DeadlinePurpose = deadline.purpose, states = true) => {
      const [stated] = world.folded;
      const [changed] = world.events;
      if (stated === undefined || changed === undefined) throw new Error('Facts were folded.');
      const passed = { ...changed.value, version: 2, deadline: { ...deadline, purpose } } as unknown as DeadlinePassed;
      const event = { type: 'tokenline.lifecycle.DeadlinePassed', value: passed } as const;
      const fact = { ...stated.fact, deadline: passed.deadline };
      return brokenPromises({
        ...world,
        events: [...world.events, ...Array.from({ length: times }, () => event)],
        folded: states ? [...world.folded, { fact, events: [event] }] : world.folded,
      });
    };
    const name = `${tokenId} TOKEN_UNUSED ${deadline.dueAt}`;
    expect(told(1)).toEqual([]);
    expect(told(2)).toEqual([`${name}: told twice.`]);
    expect(told(1, 'TOKEN_UNUSED', false)).toEqual([`${name}: told, and no fact states it.`]);
    expect(told(1, 'PROVISIONING_UNFINISHED')[0]).toContain('told, though nothing is waited for.');
  });

  it('leaves a trace of every fact', () => {
    const { world, tokenId, but } = provisioned();
    const [first, ...rest] = world.folded;
    if (first === undefined) throw new Error('Facts were folded.');
    expect(but({ folded: [{ ...first, events: [] }, ...rest] })).toEqual([`${tokenId}: thredd-ehi:1 left no trace.`]);
  });
});

describe('the final picture', () => {
  const twin = (messageId: number, number: number, fields: Record<string, string>) =>
    ehiLine({ ...saying(messageId), token: ehiToken(number) }, fields);
  const tar = { Proc_Code: '330000', Resp_Code_DE39: '00' };

  it('shows tokens in the order of their names, refused messages in the order of their places', () => {
    const refused = ehiLine(saying(3), { PaymentToken_creator: 'nobody' });
    const all = [twin(1, 2, tar), twin(2, 1, tar), ...Array.from({ length: 12 }, () => refused)];
    const picture = finalPicture(play(all, [0, 1, 11, 2, 10]));
    expect(picture.tokens.map(({ facts }) => facts)).toEqual([['thredd-ehi:2'], ['thredd-ehi:1']]);
    expect(picture.rejected).toEqual([2, 10, 11]);
  });

  it('shows which facts are not legal where they stand, and says nothing of announcing who is not complete', () => {
    const deleted = ehiLine(saying(1), { Message_Why: '82' });
    const claims = [3, 2].map((id) => ehiLine(saying(id), { Message_Why: '81', Message_Source: 'ISSUER' }));
    const [token] = finalPicture(play([deleted, ...claims], [0, 1, 2])).tokens;
    expect(token?.refused.map(([factId]) => factId)).toEqual(['thredd-ehi:2', 'thredd-ehi:3']);
    expect(token?.facts).toEqual(['thredd-ehi:1', 'thredd-ehi:2', 'thredd-ehi:3']);
    expect(token).not.toHaveProperty('announced');
    expect(token).not.toHaveProperty('noticed');
  });

  it('judges a notice only where all messages agree on the type of the token', () => {
    const remote = ehiLine(
      { ...saying(2), token: ehiToken(1, { type: 'CF' }) },
      { Message_Why: '71', PaymentToken_creatorStatus: 'A' },
    );
    const said = [messages[0] as (typeof messages)[0], remote];
    const [disputed] = finalPicture(play(said, [0, 1])).tokens;
    expect(disputed).toMatchObject({ announced: true });
    expect(disputed).not.toHaveProperty('noticed');
    const [agreed] = finalPicture(play([remote], [0])).tokens;
    expect(agreed).toMatchObject({ announced: true, noticed: false });
  });

  it('tells of a merged token’s history under the survivor, and not of the merge', () => {
    const apart = [
      ehiLine({ ...saying(1), names: ['P'] }, tar),
      ehiLine({ ...saying(2), names: ['X'] }, { Proc_Code: '350000', PaymentToken_creatorStatus: 'A' }),
      ehiLine({ ...saying(3), names: ['P', 'X'] }, { Message_Why: '76' }),
    ];
    const [token, ...others] = finalPicture(play(apart, [0, 1, 2])).tokens;
    expect(others).toEqual([]);
    const all = ['thredd-ehi:1', 'thredd-ehi:2', 'thredd-ehi:3'];
    expect(token).toMatchObject({ facts: all, history: all, announced: true, noticed: true });
  });

  it('shows a token that so far is told of nothing but a merge', () => {
    const absorbed = fact('FACTS_ABSORBED', 0, { otherTokenId: 'other' });
    const { tokens } = finalPicture(play([{ read: () => ({ ok: true, facts: [absorbed] }) }], [0]));
    expect(tokens).toMatchObject([{ names: [], facts: [], history: [] }]);
  });

  it('pairs tokens by the facts they share, to say where they differ', () => {
    const picture = finalPicture(play([twin(1, 1, tar), twin(2, 2, tar)], [0, 1]));
    const [first, second] = picture.tokens;
    if (first === undefined || second === undefined) throw new Error('There are two tokens.');
    const changed = { ...second, state: { ...second.state, wallet: undefined, suspendedBy: ['ISSUER' as const] } };
    const name = second.names.join(' ');
    expect(pictureDifferences(picture, { ...picture, tokens: [changed, first] })).toEqual([
      `${name}: state.suspendedBy [] | ["ISSUER"]`,
      `${name}: state.wallet APPLE | absent`,
    ]);
    expect(pictureDifferences({ ...picture, tokens: [first, changed] }, picture)).toContain(
      `${name}: state.wallet absent | APPLE`,
    );
    const more = { ...second, facts: [...second.facts, 'another'] };
    expect(pictureDifferences(picture, { ...picture, tokens: [first, more] })).toEqual([
      `${name}: facts ["thredd-ehi:2"] | ["thredd-ehi:2","another"]`,
    ]);
    const nameless = { ...first, names: [] };
    expect(pictureDifferences({ ...picture, tokens: [nameless] }, { ...picture, tokens: [] })).toEqual([
      'a token without a name: is a token, of 1 facts | is no token of its own',
    ]);
  });

  it('knows tokens by their names and says nothing of how they came to be', () => {
    const picture = finalPicture(provisioned().world);
    const again = finalPicture(play(messages, [1, 0, 0]));
    expect(again).toEqual(picture);
    expect(picture.tokens[0]).toMatchObject({
      facts: ['thredd-ehi:1', 'thredd-ehi:2'],
      history: ['thredd-ehi:1', 'thredd-ehi:2'],
      refused: [],
      announced: true,
      noticed: true,
    });
    expect(JSON.stringify(picture)).not.toMatch(/version|tokenId"/);
  });

  it('says where it differs from another: field, value and value', () => {
    const picture = finalPicture(provisioned().world);
    const [token] = picture.tokens;
    if (token === undefined) throw new Error('There is a token.');
    const other = { ...picture, tokens: [{ ...token, state: { ...token.state, status: 'DELETED' as const } }] };
    const name = token.names.join(' ');
    expect(pictureDifferences(picture, picture)).toEqual([]);
    expect(pictureDifferences(picture, other)).toEqual([`${name}: state.status ACTIVE | DELETED`]);
    expect(pictureDifferences(picture, { tokens: [], rejected: [1] })).toEqual([
      `${name}: is a token, of 2 facts | is no token of its own`,
      'different messages are refused by their mapper',
    ]);
    expect(pictureDifferences({ tokens: [], rejected: [] }, picture)).toEqual([
      `${name}: is no token of its own | is one, of 2 facts`,
    ]);
  });
});
