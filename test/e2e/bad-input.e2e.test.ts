/** What cannot be taken in is refused with the field named, kept sealed as a dead letter, and disturbs nothing; a redrive after a repair processes it. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { green } from '@tokenline/cli';
import { createSealer, parseKeySet } from '@tokenline/sealing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DeadLetter, type System, startSystem } from '../system.js';
import { messagesOfFlow, pictureOf, postUntilAcknowledged, testToken, untilComplete } from '../traffic.js';
import { until } from '../wait.js';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.stop());

const start = Date.UTC(2030, 0, 15, 10, 0, 0);
const flow = green('VISA-T');
const request = (n: number): Record<string, unknown> =>
  JSON.parse(messagesOfFlow(testToken(n), flow, start)[0]?.text ?? '{}');

const without = (field: string, n: number): string => {
  const { [field]: _left, ...rest } = request(n);
  return JSON.stringify(rest);
};
const changed = (change: Record<string, unknown>, n: number): string => JSON.stringify({ ...request(n), ...change });

/** What is wrong → text of the message, code of the reason, field named. */
const bad = [
  ['is not JSON', '{"Proc_Code": "330000", "TXn_ID": 90000', 'NOT_JSON', undefined],
  ['lacks its processing code', without('Proc_Code', 1), 'FIELD_MISSING', 'Proc_Code'],
  ['has an unknown creator', changed({ PaymentToken_creator: 'AMEX-T' }, 2), 'UNKNOWN_CREATOR', 'PaymentToken_creator'],
  [
    'carries an impossible date',
    changed({ Txn_GPS_Date: '2030-02-30 10:00:00.000' }, 3),
    'IMPOSSIBLE_DATE',
    'Txn_GPS_Date',
  ],
] as const;

const good = testToken(10);
const goodMessages = messagesOfFlow(good, flow, start);

describe('a message that', () => {
  it.each(bad)('%s is answered 4xx, names the field, and is kept sealed', async (_what, text, code, field) => {
    const known = new Set((await system.askAll<DeadLetter>('/v1/dead-letters')).map((letter) => letter.deadLetterId));
    const answer = await system.postEhi(text);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    const problem = JSON.parse(answer.text) as { errors?: { path: string }[] };
    if (field !== undefined) expect(problem.errors?.map((error) => error.path)).toContain(field);

    const letter = await until('its dead letter can be asked for', async () =>
      (await system.askAll<DeadLetter>('/v1/dead-letters')).find((each) => !known.has(each.deadLetterId)),
    );
    expect(letter.reasonCode).toBe(code);
    if (field !== undefined) expect(letter.errors.map((error) => error.path)).toContain(field);
    const { original } = await system.ask<DeadLetter>(`/v1/dead-letters/${letter.deadLetterId}`);
    expect(original).not.toContain('TXn_ID');
    const sealer = createSealer(parseKeySet(system.config.sealingKeys));
    expect(await sealer.open('original', original ?? '')).toBe(text);
  });

  it('is good goes through beside bad ones as if they were not there', async () => {
    for (const message of goodMessages) {
      await Promise.all(bad.map(([, text]) => system.postEhi(text)));
      await postUntilAcknowledged(system, message);
    }
    const token = await untilComplete(system, good);
    expect(pictureOf(token)).toMatchObject({ status: 'ACTIVE', path: 'GREEN' });
  });

  it('comes again is the same dead letter, not another', async () => {
    const letters = await system.askAll<DeadLetter>('/v1/dead-letters');
    expect(letters).toHaveLength(bad.length);
  });
});

describe('redrive', () => {
  const token = testToken(20);
  const messages = messagesOfFlow(token, flow, start).map((message) =>
    message.text.replace('"PaymentToken_creator":"VISA-T"', '"PaymentToken_creator":"VISA-NEXT"'),
  );
  const redrive = async (body: object) => {
    const url = `${system.urls.ingest}/v1/dead-letters/redrive`;
    const answer = await system.send('POST', url, JSON.stringify(body));
    expect(answer.status, answer.text).toBe(200);
    return JSON.parse(answer.text) as { redriven: number; failed: number };
  };
  const openLetters = async (): Promise<DeadLetter[]> => {
    const letters = await system.askAll<DeadLetter>('/v1/dead-letters?reasonCode=UNKNOWN_CREATOR&state=OPEN');
    return letters.filter((letter) => !before.has(letter.deadLetterId));
  };
  let before = new Set<string>();

  it('is refused again while the mapper is as it was', async () => {
    before = new Set((await system.askAll<DeadLetter>('/v1/dead-letters')).map((letter) => letter.deadLetterId));
    for (const message of messages) expect((await system.postEhi(message)).status).toBe(422);
    const letters = await until('the dead letters are there', async () => {
      const found = await openLetters();
      return found.length === messages.length && found;
    });
    const answer = await redrive({ ids: letters.map((letter) => letter.deadLetterId) });
    expect(answer).toMatchObject({ redriven: 0, failed: messages.length });
    expect(await openLetters()).toHaveLength(messages.length);
  });

  it('processes them once the mapper is repaired', async () => {
    const fix = pathToFileURL(join(import.meta.dirname, '../mapper-fix.js')).href;
    await system.kill('ingest', 'SIGTERM');
    await system.start('ingest', { NODE_OPTIONS: `--import ${fix}` });
    const ids = (await openLetters()).map((letter) => letter.deadLetterId);
    expect(await redrive({ ids })).toMatchObject({ redriven: messages.length, failed: 0 });
    const found = await untilComplete(system, token);
    expect(pictureOf(found)).toMatchObject({ status: 'ACTIVE', path: 'GREEN' });
    await until('the dead letters are closed', async () => (await openLetters()).length === 0);
  });
});
