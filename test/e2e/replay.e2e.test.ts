/**
 * Replay: what the lifecycle service remembers and has published can be made anew from token.facts alone, and the present mappers make of
 * tsp.inbound the facts that were recorded. Each is shown to notice when it is not so.
 */
import { rmSync } from 'node:fs';
import { type Flow, followedBy, green, yellow } from '@tokenline/cli';
import { createLogger } from '@tokenline/runtime';
import { createLog } from '@tokenline/streams';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTopic } from '../log-reading.js';
import { type System, startSystem } from '../system.js';
import { expectAllRight, type Ran, tokenline, withMutation } from '../tokenline.js';
import {
  aliasOf,
  inParallel,
  messagesOfFlow,
  postSplitToken,
  postUntilAcknowledged,
  testToken,
  untilComplete,
} from '../traffic.js';
import { until } from '../wait.js';

const start = Date.UTC(2030, 0, 15, 10, 0, 0);
const suspension = { kind: 'TEN', after: 50, why: 81, status: 'S', source: 'ISSUER' } as const;

let system: System;

const run = (args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ran> => tokenline(system, args, env);

const flows: readonly Flow[] = [green('VISA-T'), yellow('VISA-T'), followedBy(green('VISA-T'), [suspension])];
const lives = Array.from({ length: 30 }, (_, n) => {
  const messages = messagesOfFlow(testToken(1_000 + n), flows[n % flows.length] as Flow, start);
  return n % 2 === 0 ? messages : [...messages.toReversed(), ...messages];
});

beforeAll(async () => {
  system = await startSystem();
  await inParallel(lives, 6, (message) => postUntilAcknowledged(system, message));
  await postSplitToken(system, start);
  await expectAllRight(system);
}, 300_000);
afterAll(() => system?.stop());

describe('lifecycle', () => {
  it('is, from nothing, what was published and is remembered', async () => {
    const { code, out, err } = await run(['lifecycle', 'check', '--json']);
    expect(code, err).toBe(0);
    const { tokens, differences } = JSON.parse(out) as { tokens: number; differences: unknown[] };
    expect(tokens).toBe(lives.length + 2);
    expect(differences).toEqual([]);
  });

  it('is not rebuilt under a running service', async () => {
    const { code, err } = await run(['lifecycle', 'rebuild']);
    expect(code).toBe(1);
    expect(err).toContain('The lifecycle service is running');
  });

  it('goes on as if nothing had happened after its store was lost and rebuilt from the facts', async () => {
    await system.kill('lifecycle', 'SIGTERM');
    // Facts that nobody has folded yet when the store is lost.
    const waiting = testToken(1_000);
    const suspended = messagesOfFlow(waiting, flows[2] as Flow, start).slice(-1);
    for (const message of suspended) await postUntilAcknowledged(system, message);
    const { config } = system;
    const writer = createLog(config.kafka, config.prefix, createLogger('test', 'silent'), 'test').writer();
    for (const { topic, key, partition } of await readTopic(system, 'lifecycle.store'))
      await writer.write([{ topic, key, partition, value: null }]);
    const states = await readTopic(system, 'token.state');
    const lost = states.at(-1);
    if (lost !== undefined) await writer.write([{ ...lost, value: null }]);
    await writer.close();
    rmSync(config.stateDirectory, { recursive: true, force: true });

    const check = await run(['lifecycle', 'check']);
    expect(check.code).toBe(1);
    expect(check.out).toContain('missing');
    const rebuild = await run(['lifecycle', 'rebuild']);
    expect(rebuild.code, rebuild.err).toBe(0);
    const again = await run(['lifecycle', 'check']);
    expect(again.code, again.out).toBe(0);

    await system.start('lifecycle');
    await until('what waited was folded', async () => (await system.token(aliasOf(waiting)))?.status === 'SUSPENDED');
    const fresh = testToken(2_000);
    for (const message of messagesOfFlow(fresh, green('VISA-T'), start)) await postUntilAcknowledged(system, message);
    await untilComplete(system, fresh);
    await expectAllRight(system);
  }, 300_000);
});

describe('renormalisation', () => {
  it('by the present mappers makes the facts that were recorded', async () => {
    const { code, out, err } = await run(['renormalize', '--json']);
    expect(code, `${out}${err}`).toBe(0);
    const found = JSON.parse(out) as Record<string, number>;
    expect(found).toMatchObject({ differing: [], tokens: [], refused: 0 });
    expect(found.same).toBeGreaterThan(lives.length * 3);
  });

  it('names every fact and every token another mapper would end differently, values left out', async () => {
    const env = withMutation('mapper');
    const before = (await readTopic(system, 'token.facts')).length;
    const { code, out, err } = await run(['renormalize', '--json'], env);
    expect(code).toBe(1);
    expect(err).toMatch(/\d+ facts would come out differently, and \d+ tokens would end differently/);
    const { differing, tokens } = JSON.parse(out) as {
      differing: { what: string }[];
      tokens: { tokenId: string; differs: string[] }[];
    };
    expect(new Set(differing.map(({ what }) => what))).toEqual(new Set(['gone']));
    // Each token that reached its device by a message, and no other.
    expect(differing).toHaveLength(lives.length + 1);
    expect(tokens).toHaveLength(lives.length + 1);
    expect(tokens.every(({ differs }) => differs.includes('provisioning.onDeviceAt'))).toBe(true);
    expect(out).not.toContain(testToken(1_000).reference);
    const text = await run(['renormalize'], env);
    expect(text.out).toContain('WOULD END DIFFERENTLY IN');
    expect((await readTopic(system, 'token.facts')).length).toBe(before);
  });
});
