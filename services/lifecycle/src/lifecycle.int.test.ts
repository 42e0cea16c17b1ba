/** The lifecycle service's processor on the real log: what it publishes, what survives a restart, what a merge does across partitions. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, eventually, fact, type Service, startService, type World } from './given.js';

let world: World;
let service: Service;
let state: string;

beforeAll(async () => {
  world = await createWorld();
  state = world.disk();
  service = await startService(world, state);
});

afterAll(async () => {
  await service?.stop();
  await world?.close();
});

const changed = 'tokenline.lifecycle.TokenChanged';
const completed = 'tokenline.lifecycle.ProvisioningCompleted';

describe('the lifecycle service', () => {
  it('remembers a token over a restart: versions go on without a gap and a repeat is known', async () => {
    const token = randomUUID();
    await world.send(
      fact(token, 'PROVISIONING_REQUESTED', 0, { decision: 'APPROVED' }),
      fact(token, 'TOKEN_CREATED', 1, { reportedStatus: 'ACTIVE' }),
    );
    await eventually(
      'two changes',
      () => world.events(changed, token),
      (list) => list.length === 2,
    );
    await service.stop();
    await world.send(
      fact(token, 'TOKEN_CREATED', 1, { reportedStatus: 'ACTIVE' }),
      fact(token, 'DEVICE_PROVISIONED', 9, { reportedStatus: 'ACTIVE' }),
    );
    service = await startService(world, state);
    const [completion] = await eventually(
      'the completion',
      () => world.events(completed, token),
      (list) => list.length > 0,
    );
    expect(completion?.completedAt).toBe(Date.UTC(2030, 0, 15, 12, 0, 9));
    expect((await world.events(changed, token)).map((e) => e.version)).toEqual([1, 2, 3]);
    expect((await world.events('tokenline.lifecycle.FactIgnored', token)).map((e) => e.reason)).toEqual(['REPEAT']);
  });

  it('writes what follows in the order of the facts, however the tokens take turns', async () => {
    const tokens: readonly string[] = Array.from({ length: 12 }, () => randomUUID());
    const kinds = ['PROVISIONING_REQUESTED', 'TOKEN_CREATED', 'DEVICE_PROVISIONED'] as const;
    await world.send(...kinds.flatMap((kind, step) => tokens.map((token) => fact(token, kind, step))));
    const written = await eventually(
      'an event for each fact',
      async () =>
        (await world.read('token.lifecycle')).flatMap(({ value, record }) =>
          'cause' in value && tokens.includes(value.tokenId)
            ? [{ partition: record.partition, cause: value.cause.offset }]
            : [],
        ),
      (list) => new Set(list.map(({ partition, cause }) => `${partition} ${cause}`)).size === 36,
    );
    for (const partition of new Set(written.map((one) => one.partition))) {
      const causes = written.filter((one) => one.partition === partition).map(({ cause }) => cause);
      expect(causes).toEqual(causes.toSorted((a, b) => a - b));
    }
  });

  it('puts what is no fact into the dead letters and goes on', async () => {
    const token = randomUUID();
    await world.writer.write([{ topic: 'token.facts', key: token, value: Buffer.from('not avro at all') }]);
    await world.send(fact(token, 'TOKEN_UPDATED', 0, { occurredAt: 8_640_000_000_000_001 }));
    await world.send(fact(token, 'TOKEN_CREATED', 1, { reportedStatus: 'ACTIVE' }));
    await eventually(
      'the change',
      () => world.events(changed, token),
      (list) => list.length === 1,
    );
    const letters = (await world.read('token.dead-letters')).filter(
      (r) => r.type === 'tokenline.deadletters.DeadLetter',
    );
    expect(letters.map((l) => l.value)).toEqual([
      expect.objectContaining({ stage: 'LIFECYCLE', reasonCode: 'UNDECODABLE' }),
      expect.objectContaining({ stage: 'LIFECYCLE', reasonCode: 'INTERNAL' }),
    ]);
  });

  it('brings the facts of a merged token to the survivor, wherever its partition is, and announces once', async () => {
    const [older, younger] = [randomUUID(), randomUUID()];
    await world.send(
      fact(older, 'PROVISIONING_REQUESTED', 0, { decision: 'AUTHENTICATE', wallet: 'APPLE' }),
      fact(younger, 'AUTHENTICATION_SUCCEEDED', 90, { reportedStatus: 'ACTIVE' }),
      fact(younger, 'TOKENS_MERGED', 91, { otherTokenId: older }),
      fact(younger, 'TOKEN_SUSPENDED', 200, { actor: 'ISSUER' }),
    );
    const changes = await eventually(
      'the suspension at the survivor',
      () => world.events(changed, older),
      (list) => list.at(-1)?.state.status === 'SUSPENDED',
    );
    expect(changes.at(-1)?.state).toMatchObject({
      suspendedBy: ['ISSUER'],
      provisioning: { outcome: 'COMPLETED', path: 'YELLOW' },
    });
    expect((await world.events(completed, older)).length + (await world.events(completed, younger)).length).toBe(1);
    expect(await world.events('tokenline.lifecycle.TokenMerged', younger)).toHaveLength(1);
  });
});
