/**
 * Rebuilding a projection while the system works: traffic runs through, questions are answered completely all the while and never go backwards,
 * the projector and the command are killed on the way, and what a buggy release builds is refused before anybody sees it.
 */
import { type Flow, followedBy, green, type Summary, yellow } from '@tokenline/cli';
import { connectStore, createRegistry, type ProjectionDoc, type Store } from '@tokenline/store';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type System, startSystem, type Token } from '../system.js';
import { type Begun, beginTokenline, expectAllRight, type Ran, tokenline, withMutation } from '../tokenline.js';
import { inParallel, messagesOfFlow, postUntilAcknowledged, testToken } from '../traffic.js';
import { until } from '../wait.js';

let system: System;
let store: Store;
beforeAll(async () => {
  system = await startSystem();
  store = await connectStore(system.config.mongodbUri, system.config.databaseName);
});
afterAll(async () => {
  await store?.close();
  await system?.stop();
});

const start = Date.UTC(2030, 0, 15, 10, 0, 0);

const begin = (...args: readonly string[]): Begun => beginTokenline(system, args);
const run = (...args: readonly string[]): Promise<Ran> => tokenline(system, args);

interface Generation {
  readonly generation: number;
  readonly collections: Readonly<Record<string, number>>;
  readonly lag?: number;
}

interface Listed {
  readonly name: string;
  readonly live: Generation;
  readonly building?: Generation & { readonly done: number };
  readonly previous?: Generation;
}

async function listed(name: string): Promise<Listed> {
  const { code, out, err } = await run('projections', 'list', '--json');
  expect(code, err).toBe(0);
  const { projections } = JSON.parse(out) as { projections: Listed[] };
  return projections.find((one) => one.name === name) as Listed;
}

const flows: readonly Flow[] = [
  green('VISA-T'),
  yellow('VISA-T'),
  followedBy(green('VISA-T'), [{ kind: 'TEN', after: 50, why: 81, status: 'S', source: 'ISSUER' }]),
];

/** Sends the messages of `count` tokens, some lists at a time. */
function traffic(firstId: number, count: number, width = 6): Promise<void> {
  const lives = Array.from({ length: count }, (_, n) =>
    messagesOfFlow(testToken(firstId + n), flows[n % flows.length] as Flow, start),
  );
  return inParallel(lives, width, (message) => postUntilAcknowledged(system, message));
}

/** Traffic without an end until it is stopped, or the test that wanted it ends; gives how many tokens it was about. */
function steadyTraffic(firstId: number): { readonly stop: () => Promise<number> } {
  let going = true;
  onTestFinished(() => {
    going = false;
  });
  let count = 0;
  const sending = (async () => {
    for (; going; count += 6) await traffic(firstId + count, 6);
  })();
  sending.catch(() => undefined);
  return {
    stop: async () => {
      going = false;
      await sending;
      return count;
    },
  };
}

/** Asks for every token again and again; tells of any that was there and is not, or has gone back to a lower version. */
function watchAnswers() {
  const seen = new Map<string, number>();
  const wrong: string[] = [];
  let asked = 0;
  let entries = 0;
  let going = true;
  onTestFinished(() => {
    going = false;
  });
  const watching = (async () => {
    while (going) {
      const total = (await system.ask<Summary>('/v1/summary')).tokens.total;
      if (total < seen.size) wrong.push(`${total} tokens after ${seen.size}`);
      const tokens = await system.askAll<Token>('/v1/tokens?limit=500&sort=requestedAt');
      const versions = new Map(tokens.map(({ tokenId, version }) => [tokenId, version]));
      for (const [tokenId, version] of seen) {
        const now = versions.get(tokenId);
        if (now === undefined || now < version) wrong.push(`${tokenId}: ${now} after ${version}`);
      }
      for (const [tokenId, version] of versions) seen.set(tokenId, version);
      const [one] = seen.keys();
      if (one !== undefined) {
        const { items } = await system.ask<{ items: unknown[] }>(`/v1/tokens/${one}/timeline`);
        if (items.length < entries) wrong.push(`${items.length} entries after ${entries}`);
        entries = items.length;
      }
      asked += 1;
    }
  })();
  // Told when it is stopped; a test that has failed before does not ask.
  watching.catch(() => undefined);
  return {
    stop: async () => {
      going = false;
      await watching;
      return { asked, wrong, tokens: seen.size };
    },
  };
}

async function collectionNames(): Promise<string[]> {
  return (await store.db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name).sort();
}

const registered = (): Promise<ProjectionDoc> => createRegistry(store.db).read('tokens');

const untilBuilding = (): Promise<unknown> =>
  until('the build has begun', async () => (await registered()).building !== undefined);

describe('a rebuild with traffic running through', () => {
  it('swaps in what the log says, while every answer stays complete and none goes backwards', async () => {
    await traffic(1_000, 120);
    const answers = watchAnswers();
    const sending = steadyTraffic(10_000);
    const { code, out, err } = await run('projections', 'rebuild', 'tokens');
    expect(code, `${out}${err}`).toBe(0);
    expect(out).toContain('Generation 2 of tokens is live');
    await expectAllRight(system);
    const sent = await sending.stop();
    expect(sent).toBeGreaterThan(0);
    await expectAllRight(system);
    const { asked, wrong, tokens } = await answers.stop();
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(3);
    expect(tokens).toBeGreaterThanOrEqual(120);
    expect(await listed('tokens')).toMatchObject({
      live: { generation: 2, collections: { 'tokens.g2': 120 + sent }, lag: 0 },
      previous: { generation: 1 },
    });
    expect((await run('projections', 'verify')).code).toBe(0);
  }, 300_000);

  it('survives kill -9 of the projector and of the command; the next command goes on with it', async () => {
    const sending = steadyTraffic(20_000);
    const answers = watchAnswers();
    const first = begin('projections', 'rebuild', 'tokens');
    await untilBuilding();
    await system.kill('projector');
    first.child.kill('SIGKILL');
    await first.ended;
    await system.start('projector');

    const second = await until(
      'the lease of the killed command has lapsed',
      async () => {
        const ran = await run('projections', 'rebuild', 'tokens', '--wait', '60');
        if (ran.code !== 0) expect(ran.err).toContain('A rebuild of tokens is under way');
        return ran.code === 0 && ran;
      },
      60_000,
    );
    expect(`${second.out}${second.err}`).toMatch(/Generation 3 of tokens is live|Going on with generation 3/);
    await sending.stop();
    await expectAllRight(system);
    expect((await answers.stop()).wrong).toEqual([]);
    expect((await listed('tokens')).live.generation).toBe(3);
    expect(await collectionNames()).toEqual(expect.arrayContaining(['timeline.g2', 'timeline.g3', 'tokens.g2']));
    expect(await collectionNames()).not.toContain('tokens');
  }, 300_000);

  it('is refused while another is under way', async () => {
    await system.kill('projector');
    const first = begin('projections', 'rebuild', 'tokens', '--wait', '120');
    await untilBuilding();
    const second = await run('projections', 'rebuild', 'tokens');
    expect(second.code).toBe(1);
    expect(second.err).toContain('A rebuild of tokens is under way');
    await system.start('projector');
    const { code, out, err } = await first.ended;
    expect(code, `${out}${err}`).toBe(0);
    await expectAllRight(system);
  }, 300_000);
});

describe('a rebuild that comes out wrong', () => {
  it('is refused before the swap: the live generation keeps serving, nothing of the other is left', async () => {
    const before = await system.askAll<Token>('/v1/tokens?limit=500');
    await system.kill('projector', 'SIGTERM');
    await system.start('projector', withMutation('projector'));
    const { code, out, err } = await run('projections', 'rebuild', 'tokens');
    expect(code).toBe(1);
    expect(err).toContain('differs from the log (TOKENS_CURRENT');
    expect(out).toContain('TOKENS_CURRENT');
    await system.kill('projector', 'SIGTERM');
    await system.start('projector');
    expect(await system.askAll<Token>('/v1/tokens?limit=500')).toEqual(before);
    const { live, building } = await listed('tokens');
    expect(building).toBeUndefined();
    const kept = (await collectionNames()).filter((name) => name.startsWith('tokens'));
    expect(kept).toEqual([`tokens.g${live.generation}`]);
    await expectAllRight(system);
  }, 300_000);

  it('can be repaired by the next, and the one before brought back', async () => {
    expect((await run('projections', 'rebuild', 'tokens')).code).toBe(0);
    const { live, previous } = await listed('tokens');
    const back = await run('projections', 'rebuild', 'tokens', '--previous');
    expect(back.code, back.err).toBe(0);
    expect((await listed('tokens')).live.generation).toBe(previous?.generation);
    expect((await listed('tokens')).previous?.generation).toBe(live.generation);
    await traffic(4_000, 6);
    await expectAllRight(system);
  }, 300_000);
});

describe('dead letters', () => {
  it('are rebuilt as they stood, redriven ones included, and redriving goes on', async () => {
    for (const name of ['a', 'b', 'c']) await system.postEhi({ Proc_Code: '990000', name });
    await until('they are there', async () => (await system.askAll('/v1/dead-letters')).length === 3);
    const before = await system.askAll('/v1/dead-letters');
    const { code, out, err } = await run('projections', 'rebuild', 'dead-letters');
    expect(code, `${out}${err}`).toBe(0);
    expect(await system.askAll('/v1/dead-letters')).toEqual(before);
    expect((await run('dead-letters', 'redrive', '--all')).err).toContain('3 of 3 dead letters were refused again');
    await expectAllRight(system);
  }, 300_000);
});

it('everything is there again after every read model and the registry were lost', async () => {
  await traffic(5_000, 12);
  await expectAllRight(system);
  const before = await system.askAll<Token>('/v1/tokens?limit=500');
  for (const name of await collectionNames())
    if (/^(tokens|timeline|deadLetters|projections)/.test(name)) await store.db.dropCollection(name);
  expect((await run('deploy')).code).toBe(0);
  // The group of the first generation goes on where it stood: what is there now is a part at most.
  expect((await system.askAll<Token>('/v1/tokens?limit=500')).length).toBeLessThan(before.length);
  for (const name of ['tokens', 'dead-letters']) {
    const { code, out, err } = await run('projections', 'rebuild', name);
    expect(code, `${out}${err}`).toBe(0);
  }
  expect(await system.askAll<Token>('/v1/tokens?limit=500')).toEqual(before);
  await expectAllRight(system);
}, 300_000);

it('a rebuild without a projector says so, and the build waits for one', async () => {
  await system.kill('projector', 'SIGTERM');
  const alone = await run('projections', 'rebuild', 'tokens', '--wait', '3');
  expect(alone.code).toBe(1);
  expect(alone.err).toContain('is the projector running?');
  await system.start('projector');
  const { code, err } = await run('projections', 'rebuild', 'tokens');
  expect(code, err).toBe(0);
  expect(err).toContain('Going on with generation');
}, 300_000);

it('what is no projection is refused by name', async () => {
  const { code, err } = await run('projections', 'rebuild', 'notices');
  expect(code).toBe(1);
  expect(err).toBe("tokenline: 'notices' is no projection: there are tokens and dead-letters.\n");
});
