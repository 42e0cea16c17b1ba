import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brokerAnswers } from './kafka-probe.js';
import { mongoCommand } from './mongo-command.js';
import { createProcessGroup } from './process-group.js';
import { type PartExit, type Stack, startStack } from './stack.js';
import { allGone, type Supervisor, startSupervisor } from './testing/supervisor.js';
import { fakeTool, temporaryFolder } from './testing/temporary.js';
import { waitUntil } from './wait.js';

// Fetching comes on top where the cache is still empty.
const startTimeoutMs = 300_000;
const stepTimeoutMs = 60_000;
const schema = (name: string) => JSON.stringify({ schema: JSON.stringify({ type: 'record', name, fields: [] }) });

/** The tests' own environment: no server configured elsewhere, no port moved. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('TOKENLINE_') || name === 'TOKENLINE_CACHE'),
);

async function register(registryUrl: string, subject: string): Promise<number> {
  const response = await fetch(`${registryUrl}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: schema(subject),
  });
  return response.status;
}

async function subjects(registryUrl: string): Promise<string[]> {
  return (await (await fetch(`${registryUrl}/subjects`)).json()) as string[];
}

function portOf(address: string | undefined): number {
  return Number(/:(\d+)/.exec(address?.replace(/^\w+:/, '') ?? '')?.[1]);
}

interface Started {
  addresses: Stack['addresses'];
  pids: number[];
}

/*
 * One home goes through one life: a first start by a process that is then killed, a second start on what it left, a
 * broker that crashes and comes back.
 */
describe('the local stack', () => {
  let home: string;
  let supervisor: Supervisor;
  let first: Started;
  let stack: Stack;
  const exits: PartExit[] = [];
  const progress: string[] = [];

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'tokenline-stack-'));
    supervisor = startSupervisor(
      `const stack = await local.startStack({ home: process.argv[1], freePorts: true });
       say({ addresses: stack.addresses, pids: Object.values(stack.pids) });`,
      [home],
      env,
    );
    first = await supervisor.nextMessage<Started>();
  }, startTimeoutMs);

  afterAll(async () => {
    await supervisor.kill('SIGKILL');
    await stack?.stop();
    await rm(home, { recursive: true, force: true });
  }, stepTimeoutMs);

  it('starts three servers that do their work', async () => {
    const { addresses, pids } = first;
    expect(pids).toHaveLength(3);
    expect(await brokerAnswers('127.0.0.1', portOf(addresses.kafkaBrokers[0]))).toBe(true);
    expect(addresses.schemaRegistryUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/apis\/ccompat\/v7$/);
    expect(await register(addresses.schemaRegistryUrl, 'First')).toBe(200);
    expect(addresses.mongodbUri).toMatch(/^mongodb:\/\/127\.0\.0\.1:\d+\/\?replicaSet=rs0$/);
    const insert = { insert: 'things', documents: [{ _id: 'first' }], writeConcern: { w: 'majority' } };
    expect(await mongoCommand(portOf(addresses.mongodbUri), insert)).toMatchObject({ ok: 1, n: 1 });
  });

  it('refuses a second stack on the same home, naming the process that holds it', async () => {
    await expect(startStack({ home, env, freePorts: true })).rejects.toMatchObject({
      code: 'HOME_IN_USE',
      problem: `${home} is in use by another Tokenline, process ${supervisor.pid}`,
    });
  });

  it(
    'leaves no process behind when its supervisor is killed',
    async () => {
      await supervisor.kill('SIGKILL');
      expect(await allGone(first.pids, stepTimeoutMs)).toBe(true);
    },
    stepTimeoutMs,
  );

  it(
    'starts again on the same data, on other ports',
    async () => {
      stack = await startStack({
        home,
        env,
        freePorts: true,
        onProgress: (line) => progress.push(line),
        onExit: (exit) => exits.push(exit),
      });
      expect(await subjects(stack.addresses.schemaRegistryUrl)).toEqual(['First']);
      expect(await mongoCommand(portOf(stack.addresses.mongodbUri), { count: 'things' })).toMatchObject({ n: 1 });
      expect(progress).toContainEqual(expect.stringMatching(/^Kafka ready on 127\.0\.0\.1:\d+ in \d+\.\d s$/));
    },
    startTimeoutMs,
  );

  it(
    'reports a server that ends by itself, and starts it again where it stopped',
    async () => {
      process.kill(stack.pids.kafka ?? 0, 'SIGKILL');
      expect(await waitUntil(() => exits.length > 0, { deadlineMs: stepTimeoutMs })).toBe(true);
      expect(exits).toEqual([
        { part: 'kafka', code: null, signal: 'SIGKILL', logFile: join(home, 'logs', 'kafka.log') },
      ]);
      expect(Object.keys(stack.pids).sort()).toEqual(['mongodb', 'registry']);
      await stack.startPart('kafka');
      expect(await register(stack.addresses.schemaRegistryUrl, 'Second')).toBe(200);
    },
    stepTimeoutMs,
  );

  it(
    'stops one part on request without calling that an accident',
    async () => {
      const [broker] = stack.addresses.kafkaBrokers;
      await stack.stopPart('kafka');
      expect(await brokerAnswers('127.0.0.1', portOf(broker))).toBe(false);
      await stack.startPart('kafka');
      expect(await brokerAnswers('127.0.0.1', portOf(broker))).toBe(true);
      expect(exits).toHaveLength(1);
    },
    stepTimeoutMs,
  );

  it(
    'stops everything and gives the home free',
    async () => {
      const pids = Object.values(stack.pids);
      expect(pids).toHaveLength(3);
      await stack.stop();
      expect(await allGone(pids, 0)).toBe(true);
      expect(stack.pids).toEqual({});
    },
    stepTimeoutMs,
  );
});

describe('a start that fails', () => {
  it(
    'stops what it had started and tells in whose words',
    async () => {
      const folder = await temporaryFolder();
      const mongod = await fakeTool(
        folder,
        'mongod',
        'if [ "$1" = --version ]; then echo "db version v6.0.5"; else echo "Error: no disk"; exit 3; fi',
      );
      const processes = createProcessGroup();
      const start = startStack({
        home: join(folder, 'home'),
        env: { ...env, TOKENLINE_MONGOD: mongod },
        freePorts: true,
        processes,
      });
      await expect(start).rejects.toMatchObject({
        code: 'PART_FAILED',
        problem: 'MongoDB ended during its start with code 3 (Error: no disk)',
      });
      expect(processes.processes).toEqual([]);
      await processes.stopAll();
    },
    startTimeoutMs,
  );

  it(
    'because it was interrupted leaves nothing running',
    async () => {
      const home = join(await temporaryFolder(), 'home');
      const interruption = new AbortController();
      const processes = createProcessGroup();
      processes.observe(() => {
        if (processes.processes.length === 2) interruption.abort();
      });
      const start = startStack({ home, env, freePorts: true, processes, signal: interruption.signal });
      await expect(start).rejects.toMatchObject({ code: 'ABORTED' });
      expect(processes.processes).toEqual([]);
      await processes.stopAll();
    },
    startTimeoutMs,
  );

  it('because a port is in use names the port and the variable, and frees the home', async () => {
    const home = await temporaryFolder();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const moved = { ...env, TOKENLINE_LOCAL_REGISTRY_PORT: String(port) };
    for (const _attempt of [1, 2]) {
      await expect(startStack({ home, env: moved, freePorts: true })).rejects.toMatchObject({
        code: 'PORT_IN_USE',
        message: expect.stringMatching(
          new RegExp(`Port ${port} for the schema registry .* TOKENLINE_LOCAL_REGISTRY_PORT`),
        ),
      });
    }
    server.close();
  });
});

describe('a stack whose parts all run elsewhere', () => {
  it('starts nothing and needs no tools', async () => {
    const configured = {
      PATH: '/nowhere',
      TOKENLINE_KAFKA_BROKERS: 'broker:9092',
      TOKENLINE_SCHEMA_REGISTRY_URL: 'http://registry:8081',
      TOKENLINE_MONGODB_URI: 'mongodb://database/?replicaSet=rs0',
    };
    const stack = await startStack({ home: await temporaryFolder(), env: configured });
    expect(stack.started).toEqual([]);
    expect(stack.pids).toEqual({});
    expect(stack.addresses).toEqual({
      kafkaBrokers: ['broker:9092'],
      schemaRegistryUrl: 'http://registry:8081',
      mongodbUri: 'mongodb://database/?replicaSet=rs0',
    });
    await expect(stack.startPart('kafka')).rejects.toThrow('Kafka was not started here');
    await stack.stop();
  });
});
