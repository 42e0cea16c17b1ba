import { closeSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mostTelling, openLog, tellingLine } from './log-file.js';
import { temporaryFolder } from './testing/temporary.js';

describe('a log file', () => {
  it('is appended to', async () => {
    const file = join(await temporaryFolder(), 'logs', 'kafka.log');
    closeSync(openLog(file, 'kafka').descriptor);
    closeSync(openLog(file, 'kafka').descriptor);
    expect(await readFile(file, 'utf8')).toMatch(/^--- \S+ kafka starts\n--- \S+ kafka starts\n$/);
  });

  it('that grew above 10 MB becomes .1', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'kafka.log');
    await writeFile(file, Buffer.alloc(10 * 1024 * 1024 + 1));
    closeSync(openLog(file, 'kafka').descriptor);
    expect(await readdir(folder)).toEqual(['kafka.log', 'kafka.log.1']);
    expect((await readFile(file)).length).toBeLessThan(100);
  });

  it('tells only of the start at hand', async () => {
    const file = join(await temporaryFolder(), 'kafka.log');
    await writeFile(file, 'ERROR of yesterday\n');
    const { descriptor, startsAt } = openLog(file, 'kafka');
    closeSync(descriptor);
    expect(tellingLine(file, startsAt)).toBeUndefined();
    await writeFile(file, 'ERROR of today\n', { flag: 'a' });
    expect(tellingLine(file, startsAt)).toBe('ERROR of today');
  });
});

describe('the most telling line', () => {
  it.each([
    [['INFO up', 'ERROR no disk', 'INFO down'], 'ERROR no disk'],
    [['ERROR failed', 'java.lang.X: y', '\tat a.b', 'Caused by: c', '\t... 5 more'], 'Caused by: c'],
    [['one', 'two', ''], 'two'],
    [[''], undefined],
  ])('of %j is %s', (lines, expected) => {
    expect(mostTelling(lines)).toBe(expected);
  });
});
