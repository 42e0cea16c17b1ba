import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultPorts } from '@tokenline/runtime';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RunFile, readRunFile, removeRunFile, runFilePath, writeRunFile } from './run-file.js';
import { urlOf } from './settings.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tokenline-run-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const run: RunFile = {
  pid: process.pid,
  startedAt: '2030-01-15T10:00:00.000Z',
  host: '127.0.0.1',
  ports: { ...defaultPorts, query: 9400 },
  kafkaBrokers: '127.0.0.1:9411',
  schemaRegistryUrl: 'http://127.0.0.1:9413',
  mongodbUri: 'mongodb://127.0.0.1:9414',
  prefix: '',
};

it('tells other commands where a running stack is, readable by its owner only', () => {
  writeRunFile(home, run);
  expect(readRunFile(home)).toEqual(run);
  expect(statSync(runFilePath(home)).mode & 0o777).toBe(0o600);
  expect(urlOf('query', { TOKENLINE_HOME: home })).toBe('http://127.0.0.1:9400');
});

it('gives way to the environment', () => {
  writeRunFile(home, run);
  expect(urlOf('query', { TOKENLINE_HOME: home, TOKENLINE_QUERY_PORT: '9500' })).toBe('http://127.0.0.1:9500');
  expect(urlOf('query', { TOKENLINE_HOME: home, TOKENLINE_QUERY_URL: 'https://tokens.example.com/' })).toBe(
    'https://tokens.example.com',
  );
  const secure = { TOKENLINE_HOME: home, TOKENLINE_TLS_CERT: '@cert.pem' };
  expect([urlOf('query', secure), urlOf('lifecycle', secure)]).toEqual([
    'https://127.0.0.1:9400',
    'http://127.0.0.1:7402',
  ]);
});

it('is not removed by another process', () => {
  writeRunFile(home, { ...run, pid: process.ppid });
  removeRunFile(home);
  expect(readRunFile(home)?.pid).toBe(process.ppid);
});

it('counts for nothing once it is removed or what wrote it is gone', () => {
  writeRunFile(home, { ...run, pid: 2 ** 22 + 1 });
  expect(readRunFile(home)).toBeUndefined();
  writeRunFile(home, run);
  removeRunFile(home);
  expect(readRunFile(home)).toBeUndefined();
  expect(urlOf('query', { TOKENLINE_HOME: home })).toBe('http://127.0.0.1:7400');
});
