import { describe, expect, it } from 'vitest';
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
  });

  it('leaves a trace of every fact', () => {
    const { but } = provisioned();
    expect(but({ silent: ['a fact left no trace'] })).toEqual(['a fact left no trace']);
  });
});

describe('the final picture', () => {
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
