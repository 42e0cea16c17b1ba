/** Deadlines on the real log, with a clock that jumps days: a deadline passes once, whatever happens to the service, and not what was in time. */
import { randomUUID } from 'node:crypto';
import { deadlineFact } from '@tokenline/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, eventually, fact, noon, type Service, startService, type World } from './given.js';

const hour = 3_600_000;
const day = 24 * hour;
const passed = 'tokenline.lifecycle.DeadlinePassed';

let world: World;
let service: Service;
let state: string;
let now = noon;
const start = async (): Promise<void> => {
  service = await startService(world, state, () => now);
};

beforeAll(async () => {
  world = await createWorld();
  state = world.disk();
  await start();
});

afterAll(async () => {
  await service?.stop();
  await world?.close();
});

/** Which deadlines of a token were told to have passed, each as purpose and hours after noon. */
const told = async (token: string): Promise<readonly string[]> =>
  (await world.events(passed, token)).map(({ deadline }) => `${deadline.purpose} ${(deadline.dueAt - noon) / hour}`);
const eventuallyTold = (token: string, count: number): Promise<readonly string[]> =>
  eventually(
    `${count} deadlines`,
    () => told(token),
    (list) => list.length >= count,
  );
const folded = (token: string, facts: number): Promise<unknown> =>
  eventually(
    `${facts} facts folded`,
    async () =>
      (await world.read('token.lifecycle')).filter(({ value }) => 'tokenId' in value && value.tokenId === token),
    (events) => new Set(events.map(({ value }) => ('factId' in value ? value.factId : ''))).size >= facts,
  );

/** At noon of the test's own clock: every test begins there again. */
async function request(token: string, ...more: Parameters<World['send']>): Promise<void> {
  now = noon;
  await world.send(fact(token, 'PROVISIONING_REQUESTED', 0, { decision: 'AUTHENTICATE', wallet: 'APPLE' }), ...more);
  await folded(token, 1 + more.length);
}

describe('a provisioning without an end', () => {
  it('is told of after 24 hours and 7 days, and given up after 30, each as a fact of its own time', async () => {
    const token = randomUUID();
    await request(token);
    now = noon + day + 90_000;
    expect(await eventuallyTold(token, 1)).toEqual(['PROVISIONING_UNFINISHED 24']);
    now = noon + 40 * day;
    expect(await eventuallyTold(token, 3)).toEqual([
      'PROVISIONING_UNFINISHED 24',
      'PROVISIONING_UNFINISHED 168',
      'TOKEN_ABANDONED 720',
    ]);
    const [first] = await world.events(passed, token);
    expect(first).toMatchObject({
      occurredAt: noon + day,
      recordedAt: noon + day + 90_000,
      actor: 'TOKENLINE',
      source: 'lifecycle',
      wallet: 'APPLE',
      version: 1,
    });
    const changes = await world.events('tokenline.lifecycle.TokenChanged', token);
    expect(changes.at(-1)).toMatchObject({
      occurredAt: noon + 30 * day,
      state: { provisioning: { outcome: 'ABANDONED' } },
    });
  });

  it('is not told of again when its fact is written a second time', async () => {
    const token = randomUUID();
    await request(token);
    now = noon + day;
    await eventuallyTold(token, 1);
    const deadline = { purpose: 'PROVISIONING_UNFINISHED', since: noon, dueAt: noon + day } as const;
    await world.send(deadlineFact({ tokenId: token, network: 'VTS' }, deadline, now));
    const ignored = await eventually(
      'the repeat',
      () => world.events('tokenline.lifecycle.FactIgnored', token),
      (list) => list.length > 0,
    );
    expect(ignored.map(({ reason }) => reason)).toEqual(['REPEAT']);
    expect(await told(token)).toHaveLength(1);
  });

  it.each([
    ['its own disk', false],
    ['an empty disk', true],
  ])('is told of once when the service was down at its time and comes back with %s', async (_, emptied) => {
    const token = randomUUID();
    await request(token);
    now = noon + day / 2;
    await service.stop();
    now = noon + day;
    if (emptied) state = world.disk();
    // Nothing comes in: the partition is opened for its deadlines alone.
    await start();
    await eventuallyTold(token, 1);
    await service.stop();
    await start();
    now = noon + 7 * day;
    expect(await eventuallyTold(token, 2)).toEqual(['PROVISIONING_UNFINISHED 24', 'PROVISIONING_UNFINISHED 168']);
  });

  it('is told of when its record in lifecycle.store is from before there were deadlines', async () => {
    const token = randomUUID();
    await request(token);
    await service.stop();
    const stored = (await world.read('lifecycle.store')).findLast(({ record }) => record.key === token)?.record;
    if (stored === undefined) throw new Error('The token is not in lifecycle.store.');
    await world.writer.write([
      { topic: 'lifecycle.store', partition: stored.partition, key: token, value: stored.value },
    ]);
    state = world.disk();
    now = noon + day;
    await start();
    expect(await eventuallyTold(token, 1)).toEqual(['PROVISIONING_UNFINISHED 24']);
  });
});

describe('a provisioning that ended in time', () => {
  const complete = (token: string) => fact(token, 'AUTHENTICATION_SUCCEEDED', 3_600, { reportedStatus: 'ACTIVE' });

  it('is told of only as unused, until the first purchase', async () => {
    const token = randomUUID();
    await request(token, complete(token));
    now = noon + 7 * day + hour;
    expect(await eventuallyTold(token, 1)).toEqual(['TOKEN_UNUSED 169']);
    await world.send(fact(token, 'TOKEN_USED', 8 * 86_400), fact(token, 'TOKEN_USED', 9 * 86_400));
    await folded(token, 5);
    now = noon + 60 * day;
    // Another token's deadline shows that the scheduler has been by.
    const witness = randomUUID();
    await world.send(fact(witness, 'PROVISIONING_REQUESTED', 0, { decision: 'APPROVED' }));
    await eventuallyTold(witness, 3);
    expect(await told(token)).toEqual(['TOKEN_UNUSED 169']);
  });

  it('is not told of when the completion lies in the log, unread, as the time passes', async () => {
    const token = randomUUID();
    await request(token);
    await service.stop();
    await world.send(complete(token));
    now = noon + 2 * day;
    await start();
    await folded(token, 2);
    now = noon + 8 * day;
    expect(await eventuallyTold(token, 1)).toEqual(['TOKEN_UNUSED 169']);
    const facts = (await world.read('token.facts')).flatMap(({ value }) =>
      'factId' in value && 'kind' in value && value.tokenId === token ? [`${value.kind} ${value.factId}`] : [],
    );
    expect(facts).toEqual([
      expect.stringMatching(/^PROVISIONING_REQUESTED /),
      expect.stringMatching(/^AUTHENTICATION_SUCCEEDED /),
      expect.stringMatching(/^DEADLINE_PASSED .*TOKEN_UNUSED/),
    ]);
  });
});
