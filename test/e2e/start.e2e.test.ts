/**
 * `npm start`, as a newcomer runs it: real servers, the sample day, its summary; Ctrl-C, kill -9 and the death of npm each leave no process behind.
 * On free ports and in a home of its own, beside whatever else runs on this machine.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { type SampleDay, sampleDay } from '@tokenline/cli';
import { portVariable, serviceNames } from '@tokenline/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processesOf } from '../processes.js';
import { freePorts, type Notice, type Page, type Token } from '../system.js';
import { pictureOf, zone } from '../traffic.js';
import { until } from '../wait.js';

const root = resolve(import.meta.dirname, '../..');
const home = join(root, '.tokenline/test-start');
const localPorts = ['KAFKA', 'KAFKA_CONTROLLER', 'REGISTRY', 'MONGODB'].map((part) => `TOKENLINE_LOCAL_${part}_PORT`);

let env: NodeJS.ProcessEnv;
let query: string;

beforeAll(async () => {
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  const ports = await freePorts(serviceNames.length + localPorts.length);
  const own = Object.fromEntries(
    [...serviceNames.map(portVariable), ...localPorts].map((name, index) => [name, String(ports[index])]),
  );
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('TOKENLINE_') && !name.startsWith('npm_'),
  );
  env = { ...Object.fromEntries(inherited), ...own, TOKENLINE_HOME: home };
  query = `http://127.0.0.1:${own.TOKENLINE_QUERY_PORT}`;
});
afterAll(() => {
  for (const { pid } of processesOf(home)) process.kill(pid, 'SIGKILL');
});

interface Started {
  readonly pid: number;
  readonly output: () => string;
  readonly exited: Promise<number | null>;
}

/** Runs a command in a session of its own, as a terminal would, so that a signal can go to all of it. */
function run(command: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): Started {
  let output = '';
  const child = spawn(command, args, {
    cwd: root,
    env: { ...env, ...more },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const exited = new Promise<number | null>((done) => child.on('close', (code) => done(code)));
  return { pid: child.pid as number, output: () => output, exited };
}

const summaryShown = async (started: Started): Promise<void> => {
  let ended = false;
  void started.exited.then(() => {
    ended = true;
  });
  await until(
    'the summary is shown',
    () => {
      if (ended) throw new Error(`It ended before its summary:\n${started.output()}`);
      return started.output().includes('Ctrl-C stops everything');
    },
    240_000,
    started.output,
  );
};
const nothingLeft = (): Promise<unknown> =>
  until(
    'no process is left',
    () => processesOf(home).length === 0,
    40_000,
    () => processesOf(home),
  );

const ask = async <T>(path: string): Promise<T> => (await (await fetch(`${query}${path}`)).json()) as T;

/** What the query door says of the sample day, next to what the day says of itself. */
async function expectPicture(day: SampleDay): Promise<void> {
  for (const { alias, network, notice, ...expected } of day.expected.tokens) {
    const found = await ask<Page<Token>>(`/v1/tokens?alias=${encodeURIComponent(alias)}`);
    expect(found.items, alias).toHaveLength(1);
    const token = found.items[0] as Token;
    expect({ ...pictureOf(token), network: token.network }, alias).toEqual({ ...expected, network });
    const { items } = await ask<Page<Notice>>(`/v1/notices?tokenId=${token.tokenId}&kind=PROVISIONING_COMPLETED`);
    expect(
      items.map((each) => each.outcome),
      alias,
    ).toEqual(notice ? ['MET'] : []);
  }
  expect((await ask<Page<Token>>('/v1/tokens?limit=500')).items).toHaveLength(day.expected.tokens.length);
  const { items: notices } = await ask<Page<Notice>>('/v1/notices?limit=500');
  const owed = notices.filter(({ kind }) => kind === 'PROVISIONING_COMPLETED' || kind === 'ACTIVATION_CODE');
  expect(owed).toHaveLength(day.expected.notices + day.expected.codes);
  expect(notices.filter(({ state }) => state !== 'DELIVERED' && state !== 'CANCELLED')).toEqual([]);
  expect(notices.filter(({ kind }) => kind === 'ACTIVATION_CODE').map(({ outcome }) => outcome)).toEqual(
    Array(day.expected.codes).fill('MET'),
  );
  expect((await ask<Page<object>>('/v1/dead-letters')).items).toHaveLength(day.expected.deadLetters);
}

const playedDay = (): SampleDay => {
  const { anchor } = JSON.parse(readFileSync(join(home, 'sample-day.json'), 'utf8')) as { anchor: number };
  return sampleDay(anchor, zone);
};

describe('npm start', () => {
  it('reaches the summary of the sample day with real servers, and Ctrl-C leaves no process', async () => {
    const started = run('npm', ['start']);
    await summaryShown(started);
    expect(started.output()).toMatch(/Kafka ready on .*\n(.*\n)*.*schema registry ready on /);
    expect(started.output()).toContain('MongoDB ready on');
    const day = playedDay();
    expect(started.output()).toMatch(new RegExp(`Tokens +${day.expected.tokens.length} `));
    await expectPicture(day);
    expect(processesOf(home).length).toBeGreaterThanOrEqual(9);

    // A terminal's Ctrl-C goes to the whole foreground group; npm passes it on as well, and in the end dies of it itself.
    process.kill(-started.pid, 'SIGINT');
    await started.exited;
    expect(started.output()).toContain('Stopped.');
    await nothingLeft();
  }, 300_000);

  it('goes on where it stopped: a second start plays only repeats, and the picture stays', async () => {
    const started = run('npm', ['start']);
    await summaryShown(started);
    expect(started.output()).toContain('repeats');
    await expectPicture(playedDay());

    // npm dies without a word; what it started must not live on.
    process.kill(started.pid, 'SIGKILL');
    await until(
      'everything notices and stops',
      () => processesOf(home).length === 0,
      60_000,
      () => processesOf(home),
    );
  }, 300_000);

  it('with --fresh --no-sample begins empty, and leaves nothing behind when killed itself', async () => {
    const started = run('npm', ['start', '--', '--fresh', '--no-sample']);
    await summaryShown(started);
    expect((await ask<Page<Token>>('/v1/tokens')).items).toEqual([]);
    const { pid } = JSON.parse(readFileSync(join(home, 'run.json'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');
    await nothingLeft();
  }, 300_000);

  it('names the port that is taken and the variable that moves it, before anything starts', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const port = String((server.address() as { port: number }).port);
    const started = run(process.execPath, ['services/cli/bin/tokenline.js', 'up'], { TOKENLINE_QUERY_PORT: port });
    expect(await started.exited).toBe(1);
    expect(started.output()).toContain(`Port ${port} for the query service is already in use`);
    expect(started.output()).toContain('TOKENLINE_QUERY_PORT');
    server.close();
    await nothingLeft();
  }, 30_000);
});
