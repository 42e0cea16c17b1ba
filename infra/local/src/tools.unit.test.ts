import { describe, expect, it } from 'vitest';
import { fakeTool, temporaryFolder } from './testing/temporary.js';
import { findMongod, requireJava } from './tools.js';

const says = (line: string) => `echo '${line}' >&2`;

describe('Java', () => {
  it('is the one on the PATH from version 17', async () => {
    const folder = await temporaryFolder();
    const java = await fakeTool(folder, 'java', says('openjdk version "17.0.15" 2025-04-15'));
    expect(await requireJava({ PATH: `/nowhere:${folder}` }, ['kafka'])).toBe(java);
  });

  it('is the one of JAVA_HOME first, unless that is too old', async () => {
    const [old, recent, path] = [await temporaryFolder(), await temporaryFolder(), await temporaryFolder()];
    await fakeTool(old, 'bin/java', says('java version "1.8.0_392"'));
    const ofHome = await fakeTool(recent, 'bin/java', says('openjdk version "21"'));
    const onPath = await fakeTool(path, 'java', says('openjdk version "17.0.1"'));
    expect(await requireJava({ JAVA_HOME: recent, PATH: path }, ['kafka'])).toBe(ofHome);
    expect(await requireJava({ JAVA_HOME: old, PATH: path }, ['kafka'])).toBe(onPath);
  });

  it.each([
    ['there is none', undefined],
    ['it is too old', says('openjdk version "11.0.21"')],
    ['it only offers a download', 'echo "No Java runtime present" >&2; exit 1'],
  ])('is asked for in one sentence with two other ways when %s', async (_case, script) => {
    const folder = await temporaryFolder();
    if (script !== undefined) await fakeTool(folder, 'java', script);
    await expect(requireJava({ PATH: folder }, ['kafka', 'registry'])).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      message:
        'Java 17 or newer was not found, and it is needed to run Kafka and the schema registry: install it, start the servers with infra/compose.yaml, or point TOKENLINE_KAFKA_BROKERS and TOKENLINE_SCHEMA_REGISTRY_URL at running servers',
    });
  });
});

describe('mongod', () => {
  it('is the one TOKENLINE_MONGOD names, before one on the PATH', async () => {
    const folder = await temporaryFolder();
    await fakeTool(folder, 'mongod', says('db version v7.0.1'));
    const named = await fakeTool(folder, 'other/mongod', says('db version v6.0.5'));
    expect(await findMongod({ PATH: folder, TOKENLINE_MONGOD: named })).toBe(named);
  });

  it('on the PATH is used when it is new enough', async () => {
    const [old, recent] = [await temporaryFolder(), await temporaryFolder()];
    await fakeTool(old, 'mongod', says('db version v4.4.29'));
    const mongod = await fakeTool(recent, 'mongod', says('db version v6.0.5'));
    expect(await findMongod({ PATH: old })).toBeUndefined();
    expect(await findMongod({ PATH: recent })).toBe(mongod);
    expect(await findMongod({ PATH: '/nowhere' })).toBeUndefined();
  });

  it('named wrongly is an error, not a reason to fetch another', async () => {
    await expect(findMongod({ TOKENLINE_MONGOD: '/nowhere/mongod' })).rejects.toThrow(
      'TOKENLINE_MONGOD names /nowhere/mongod, which is not an executable file',
    );
    const old = await fakeTool(await temporaryFolder(), 'mongod', says('db version v4.4.29'));
    await expect(findMongod({ TOKENLINE_MONGOD: old })).rejects.toThrow('which is not a mongod 6.0 or newer');
  });
});
