/**
 * Dead letters end to end: what nobody can read is put aside at every stage and blocks no partition of any topic; they are counted by source; they
 * are sent through again by id, reason, source and time, and doing it twice changes nothing.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { green } from '@tokenline/cli';
import { type TopicName, topics } from '@tokenline/contracts';
import { createLogger } from '@tokenline/runtime';
import { createLog } from '@tokenline/streams';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTopic } from '../log-reading.js';
import { type DeadLetter, type System, startSystem } from '../system.js';
import { expectAllRight, type Ran, tokenline } from '../tokenline.js';
import { inParallel, messagesOfFlow, pictureOf, postUntilAcknowledged, testToken, untilComplete } from '../traffic.js';
import { until } from '../wait.js';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.stop());

const start = Date.UTC(2030, 0, 15, 10, 0, 0);
const run = (...args: readonly string[]): Promise<Ran> => tokenline(system, args);

const letters = (): Promise<DeadLetter[]> => system.askAll<DeadLetter>('/v1/dead-letters?limit=500');

interface Redriven {
  readonly redriven: number;
  readonly failed: number;
  readonly items: readonly { readonly deadLetterId: string; readonly reasonCode?: string }[];
}

async function redrive(...chosen: readonly string[]): Promise<Redriven> {
  const { out, err } = await run('dead-letters', 'redrive', ...chosen, '--json');
  return out === '' ? Promise.reject(new Error(err)) : (JSON.parse(out) as Redriven);
}

/** Who reads each topic, by the stage of its letters. */
const readers: Partial<Record<TopicName, readonly string[]>> = {
  'tsp.inbound': ['NORMALIZER'],
  'token.facts': ['LIFECYCLE'],
  'token.lifecycle': ['NOTIFIER', 'PROJECTOR'],
  'token.dead-letters': ['PROJECTOR'],
};

it('poison in every partition of every topic is put aside by every stage, and what comes behind it goes through', async () => {
  const { config } = system;
  const writer = createLog(config.kafka, config.prefix, createLogger('test', 'silent'), 'test').writer();
  const expected: Record<string, number> = {};
  for (const { name: topic, partitions } of topics) {
    for (const stage of readers[topic] ?? []) expected[`${stage} ${topic}`] = partitions * 2;
    if (readers[topic] === undefined) continue;
    for (let partition = 0; partition < partitions; partition++) {
      const poison = [Buffer.from('not avro at all'), Buffer.alloc(0)];
      await writer.write(poison.map((value) => ({ topic, partition, key: 'poison', value })));
    }
  }
  await writer.close();
  const tokens = Array.from({ length: 30 }, (_, n) => testToken(1_000 + n));
  const lives = tokens.map((token) => messagesOfFlow(token, green('VISA-T'), start));
  await inParallel(lives, 6, (message) => postUntilAcknowledged(system, message));
  for (const token of tokens) expect(pictureOf(await untilComplete(system, token))).toMatchObject({ status: 'ACTIVE' });

  let found: Record<string, number> = {};
  await until(
    'every stage has put them aside',
    async () => {
      found = {};
      for (const { stage, source } of await letters())
        found[`${stage} ${source}`] = (found[`${stage} ${source}`] ?? 0) + 1;
      return Object.entries(expected).every(([key, count]) => found[key] === count);
    },
    60_000,
    () => found,
  );
  expect(found).toEqual(expected);
  await expectAllRight(system);
}, 300_000);

describe('counts', () => {
  it('by source, stage and reason: from the query door, the command line and the metrics', async () => {
    await system.postEhi({ Proc_Code: '990000' });
    await system.send('POST', `${system.urls.ingest}/v1/facts`, '{"factId": ');
    const bySource = await until('both are counted', async () => {
      const { out } = await run('dead-letters', 'list', '--by-source', '--json');
      const counts = (JSON.parse(out) as { bySource: { source: string; open: number }[] }).bySource;
      return ['thredd-ehi', 'canonical'].every((source) => counts.some((one) => one.source === source)) && counts;
    });
    expect(bySource).toEqual(
      expect.arrayContaining([
        { source: 'canonical', stage: 'EDGE', reasonCode: 'NOT_JSON', open: 1, redriven: 0 },
        { source: 'tsp.inbound', stage: 'NORMALIZER', reasonCode: 'UNDECODABLE', open: 12, redriven: 0 },
      ]),
    );
    expect((await run('dead-letters', 'list', '--by-source')).out).toMatch(/tsp\.inbound +NORMALIZER +UNDECODABLE +12/);
    const metrics = (await system.send('GET', `${system.urls.ingest}/metrics`)).text;
    expect(metrics).toContain('dead_letters_total{stage="EDGE",source="canonical",reason="NOT_JSON"} 1');
    expect(metrics).toContain('dead_letters_total{stage="NORMALIZER",source="tsp.inbound",reason="UNDECODABLE"} 12');
    const lifecycle = (await system.send('GET', `${system.urls.lifecycle}/metrics`)).text;
    expect(lifecycle).toContain('tokenline_lifecycle_dead_letters_total{reason="UNDECODABLE"} 12');
  });
});

describe('redrive', () => {
  const token = testToken(20);
  const messages = messagesOfFlow(token, green('VISA-T'), start).map((message) =>
    message.text.replace('"PaymentToken_creator":"VISA-T"', '"PaymentToken_creator":"VISA-NEXT"'),
  );

  it('by time and source takes those of that time and source alone, and says so again when they are refused again', async () => {
    const before = Date.now();
    for (const message of messages) expect((await system.postEhi(message)).status).toBe(422);
    await until('the letters are there', async () => {
      const page = await system.askAll('/v1/dead-letters?reasonCode=UNKNOWN_CREATOR&state=OPEN');
      return page.length === messages.length;
    });
    const since = new Date(before).toISOString();
    expect((await redrive('--until', '2020-01-01')).items).toEqual([]);
    expect((await redrive('--since', since, '--source', 'canonical')).items).toEqual([]);
    const tried = await redrive('--since', since, '--source', 'thredd-ehi');
    expect(tried).toMatchObject({ redriven: 0, failed: messages.length });
    const both = await run('dead-letters', 'redrive', 'some-id', '--reason', 'UNKNOWN_CREATOR');
    expect(both.err).toContain('Give ids or filters, not both');
  });

  it('twice changes nothing: the same facts, the same token, each letter once', async () => {
    const fix = pathToFileURL(join(import.meta.dirname, '../mapper-fix.js')).href;
    await system.kill('ingest', 'SIGTERM');
    await system.start('ingest', { NODE_OPTIONS: `--import ${fix}` });
    const open = await system.askAll<DeadLetter>('/v1/dead-letters?reasonCode=UNKNOWN_CREATOR');
    const ids = open.map(({ deadLetterId }) => deadLetterId);
    expect(await redrive('--reason', 'UNKNOWN_CREATOR')).toMatchObject({ redriven: messages.length, failed: 0 });
    const first = await untilComplete(system, token);
    await until('the letters are closed', async () =>
      (await letters())
        .filter(({ deadLetterId }) => ids.includes(deadLetterId))
        .every(({ state }) => state === 'REDRIVEN'),
    );
    const count = (await letters()).length;
    const inbound = (await readTopic(system, 'tsp.inbound')).length;

    expect((await redrive('--reason', 'UNKNOWN_CREATOR')).items).toEqual([]);
    const again = await redrive(...ids);
    expect(again).toMatchObject({ redriven: 0, failed: 0 });
    expect(again.items.every(({ reasonCode }) => reasonCode === 'ALREADY_REDRIVEN')).toBe(true);
    expect((await readTopic(system, 'tsp.inbound')).length).toBe(inbound);

    // Even when it is forced through once more, as a redrive does that did not yet know of the first.
    const url = `${system.urls.ingest}/v1/dead-letters/redrive`;
    const forced = await system.send('POST', url, JSON.stringify({ ids, force: true }));
    expect(JSON.parse(forced.text)).toMatchObject({ redriven: messages.length });
    await until('the copies are folded', async () => {
      const { items } = await system.ask<{ items: { reason?: string }[] }>(`/v1/tokens/${first.tokenId}/timeline`);
      return items.filter(({ reason }) => reason === 'REPEAT').length === messages.length;
    });
    expect(await untilComplete(system, token)).toEqual(first);
    expect((await letters()).length).toBe(count);
    await expectAllRight(system);
  }, 300_000);
});
