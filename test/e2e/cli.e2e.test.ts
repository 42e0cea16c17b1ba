/** The command line against running services, as a person or a script uses it: addresses from the environment, answers on stdout, one sentence on stderr. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { green, yellow } from '@tokenline/cli';
import { createLogger } from '@tokenline/runtime';
import { createLog } from '@tokenline/streams';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type System, startSystem, type Token } from '../system.js';
import { messagesOfFlow, testToken } from '../traffic.js';
import { until } from '../wait.js';

const tokenline = resolve(import.meta.dirname, '../../services/cli/bin/tokenline.js');
const start = Date.UTC(2030, 0, 15, 10, 0, 0);
const aToken = testToken(1);
const another = testToken(2);

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.stop());

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(args: readonly string[], env: NodeJS.ProcessEnv = {}, stdin = ''): Promise<Ran> {
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [tokenline, ...args],
      { env: { ...system.env, ...env } },
      (error, out, err) => {
        done({ code: error === null ? 0 : Number(error.code ?? 1), out, err });
      },
    );
    child.stdin?.end(stdin);
  });
}

const json = async <T>(...args: string[]): Promise<T> => {
  const { code, out, err } = await run([...args, '--json']);
  expect(code, err).toBe(0);
  return JSON.parse(out) as T;
};

function file(name: string, text: string): string {
  const path = join(system.home, name);
  writeFileSync(path, text);
  return path;
}

describe('tokenline', () => {
  it('publish sends a JSON array, NDJSON and standard input with their text untouched', async () => {
    const [tar, ten, tcn] = messagesOfFlow(aToken, green('VISA-T'), start).map((message) => message.text);
    const precise = tar?.replace('{', '{"Balance_Sequence": 12345678901234567890123, ');
    expect(
      (await run(['publish', file('array.json', `[${precise}, ${ten}]`), '--source', 'thredd-ehi'])).out,
    ).toContain('2 of 2 acknowledged');
    expect((await run(['publish', '-', '--source', 'thredd-ehi'], {}, tcn)).out).toContain('1 of 1 acknowledged');
    const lines = messagesOfFlow(another, yellow('VISA-T'), start).map((message) => message.text);
    const report = await json<{ acknowledged: number }>(
      'publish',
      file('lines.ndjson', lines.join('\n')),
      '--source',
      'thredd-ehi',
      '--rate',
      '50',
    );
    expect(report.acknowledged).toBe(lines.length);
  });

  it('publish names what was refused, field by field, and fails', async () => {
    const bad = messagesOfFlow(testToken(3), green('VISA-T'), start)[0]?.text.replace(/"Proc_Code":"\d+",/, '') ?? '';
    const { code, out, err } = await run(['publish', file('bad.json', bad), '--source', 'thredd-ehi']);
    expect(code).toBe(1);
    expect(out).toContain('Proc_Code');
    expect(err.trim().split('\n')).toHaveLength(1);
  });

  it('token finds a token by id, by kind:value, and by the bare value of any name', async () => {
    const found = await until('both tokens are complete', async () => {
      const { items } = await json<{ items: Token[] }>('tokens');
      return items.length === 2 && items.every((token) => token.provisioning.outcome === 'COMPLETED') && items;
    });
    const ids = new Map(
      found.map((token) => [token.aliases.find((each) => each.kind === 'threddPaymentTokenId')?.value, token.tokenId]),
    );
    const id = ids.get('70000001') as string;
    for (const name of [id, 'threddPaymentTokenId:70000001', '70000001', aToken.reference, aToken.trace]) {
      expect((await json<Token>('token', name)).tokenId, name).toBe(id);
    }
    expect((await run(['token', '70000001'])).out).toMatch(/status +ACTIVE/);
    expect(await run(['token', '79999999'])).toMatchObject({
      code: 1,
      err: 'tokenline: No token answers to 79999999.\n',
    });
  });

  it('tokens filters as the query door does', async () => {
    expect((await json<{ items: Token[] }>('tokens', '--path', 'YELLOW')).items).toHaveLength(1);
    expect((await run(['tokens', '--status', 'ACTIVE'])).out.trim().split('\n')).toHaveLength(3);
    const refused = await run(['tokens', '--status', 'SLEEPING']);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('status');
  });

  it('timeline tells what happened, oldest first', async () => {
    const { out } = await run(['timeline', '70000002']);
    expect(out).toMatch(
      /PROVISIONING_REQUESTED[\s\S]*ACTIVATION_CODE_ISSUED[\s\S]*AUTHENTICATION_SUCCEEDED.*INACTIVE → ACTIVE/,
    );
  });

  it('notices shows the ledger and the text in the local outbox', async () => {
    const shown = await until('two completions and a code are out', async () => {
      const ran = await run(['notices']);
      return (ran.out.match(/in the local outbox/g) ?? []).length === 3 && ran.out;
    });
    expect(shown).toContain('MET');
    expect(shown).toContain('Test iPhone');
    expect(shown).toContain('•••••• is your code');
  });

  // The day played here lies in 2030: the notices go out before they are due, and the durations are negative.
  it('report tells how many notices went out in time, for people and for a spreadsheet', async () => {
    const people = await run(['report', 'completion-notices', '--by', 'network']);
    expect(people.out).toMatch(/^NETWORK +MET +BREACHED +PENDING +CANCELLED +MEDIAN +P99$/m);
    expect(people.out).toMatch(/^all +2 +0 +0 +0 +-?[\d.]+ s/m);
    const sheet = await run(['report', 'completion-notices', '--by', 'network', '--csv']);
    expect(sheet.out).toMatch(/^network,met,breached,pending,cancelled,medianMs,p99Ms,entries$/m);
    expect(sheet.out).toMatch(
      /^VTS,2,0,0,0,-?[\d.]+,-?[\d.]+,\/v1\/notices\?kind=PROVISIONING_COMPLETED&network=VTS$/m,
    );
    const { code, err } = await run(['report', 'funnel', '--by', 'mood']);
    expect(code).toBe(1);
    expect(err).toContain('by');
  });

  it('dead-letters lists, shows without opening, and redrives', async () => {
    const { items } = await until('the dead letter is there', async () => {
      const page = await json<{ items: { deadLetterId: string }[] }>('dead-letters', 'list');
      return page.items.length === 1 && page;
    });
    const id = items[0]?.deadLetterId as string;
    const shown = await run(['dead-letters', 'show', id]);
    expect(shown.out).toContain('Proc_Code');
    expect(shown.out).toMatch(/original +sealed\(/);
    const redriven = await run(['dead-letters', 'redrive', id]);
    expect(redriven.code).toBe(1);
    expect(redriven.out).toContain('FIELD_MISSING');
    expect((await run(['dead-letters', 'redrive'])).err).toContain('Say which');
  });

  it('tail decodes a topic and shows sealed values by their key only', async () => {
    const { out } = await run(['tail', 'token.facts', '--no-follow', '--json']);
    const facts = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; value: { tokenPanSealed?: string } });
    expect(facts).toHaveLength(8);
    expect(facts.map((fact) => fact.value.tokenPanSealed).filter((sealed) => sealed !== undefined)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^sealed\(.+\)$/)]),
    );
    expect((await run(['tail', 'token.facts', '--from-start', '--max', '2'])).out.match(/TokenFact/g)).toHaveLength(2);
  });

  it('cardholders load stores entries', async () => {
    const entry = { cards: [{ kind: 'threddPublicToken', value: '100000001' }], email: 'ada.holder@example.com' };
    const ran = await run(['cardholders', 'load', file('holders.json', JSON.stringify([entry]))]);
    expect(ran.out).toContain('Stored 1 of 1');
  });

  it('status says that everything is ready, and what is not', async () => {
    expect((await run(['status'])).code).toBe(0);
    const { code, err } = await run(['status'], { TOKENLINE_NOTIFIER_PORT: '9' });
    expect(code).toBe(1);
    expect(err).toContain('notifier');
  });

  it('deploy changes nothing the second time, and reports a topic that stands otherwise', async () => {
    expect(await json('deploy')).toMatchObject({ topicsCreated: [], mismatches: [] });
    const { config } = system;
    const prefix = `${config.prefix}odd-`;
    const log = createLog(config.kafka, prefix, createLogger('test', 'silent'), 'test');
    await log.ensureTopics([
      { name: 'token.facts', partitions: 1, cleanup: 'delete', retentionMs: 1000, purpose: 'odd' },
    ]);
    const { code, err } = await run(['deploy'], { TOKENLINE_TOPIC_PREFIX: prefix });
    expect(code).toBe(1);
    expect(err).toContain(`Topic ${prefix}token.facts has 1 partitions, stated are 6.`);
    expect(err).toContain('retention.ms');
  });

  it('says in one sentence which door cannot be reached and how to start it', async () => {
    const { code, err } = await run(['tokens'], { TOKENLINE_QUERY_PORT: '9' });
    expect(code).toBe(1);
    expect(err).toBe(
      'tokenline: The query door at http://127.0.0.1:9 cannot be reached (HTTP clients refuse to use this port): start it with `npm start`, or set TOKENLINE_QUERY_URL.\n',
    );
  });

  it('policy shows the rules in force and refuses a document that cannot be one, without a running system', async () => {
    const builtin = JSON.parse((await run(['policy', 'show', '--json'])).out);
    expect(builtin.rules[1]).toMatchObject({ id: 'builtin-1/completion', send: true, deadline: '30m' });
    const file = join(mkdtempSync(join(tmpdir(), 'tokenline-policy-')), 'policy.json');
    const rule = { name: 'quick', kind: 'PROVISIONING_COMPLETED', wallets: ['GOOGLE'], send: true, deadline: '10m' };
    writeFileSync(file, JSON.stringify({ version: 'ours-1', rules: [rule] }));
    expect(await run(['policy', 'check', file])).toMatchObject({
      code: 0,
      out: expect.stringContaining('can be used'),
    });
    const shown = await run(['policy', 'show'], { TOKENLINE_NOTICE_POLICY: file });
    expect(shown.out).toMatch(/^PROVISIONING_COMPLETED +GOOGLE +yes +10m .* ours-1\/quick$/m);
    writeFileSync(file, JSON.stringify({ version: 'ours-1', rules: [{ ...rule, deadline: '1h' }] }));
    const refused = await run(['policy', 'check', file]);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('rules[0].deadline is beyond the 30 minutes');
    rmSync(dirname(file), { recursive: true });
  });

  it('has --help for every verb', async () => {
    const verbs = [
      ['up'],
      ['deploy'],
      ['status'],
      ['publish'],
      ['tail'],
      ['token'],
      ['tokens'],
      ['timeline'],
      ['notices'],
      ['report', 'funnel'],
      ['report', 'completion-notices'],
      ['dead-letters', 'list'],
      ['dead-letters', 'show'],
      ['dead-letters', 'redrive'],
      ['projections', 'list'],
      ['projections', 'rebuild'],
      ['projections', 'verify'],
      ['lifecycle', 'check'],
      ['lifecycle', 'rebuild'],
      ['renormalize'],
      ['cardholders', 'load'],
      ['policy', 'check'],
      ['policy', 'show'],
    ];
    const helps = await Promise.all(verbs.map((verb) => run([...verb, '--help'])));
    for (const [index, help] of helps.entries()) {
      expect(help.code, verbs[index]?.join(' ')).toBe(0);
      expect(help.out).toContain('--json');
    }
  });
});
