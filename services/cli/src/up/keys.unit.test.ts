import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeySet } from '@tokenline/sealing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CliError } from '../errors.js';
import { localSealingKeys } from './keys.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tokenline-keys-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

it('makes the key set once, for its owner only, and keeps it', () => {
  const first = localSealingKeys(home, {});
  expect(localSealingKeys(home, {})).toBe(first);
  const file = join(home, 'sealing-keys.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8').trim()).toBe(first);
});

it('takes TOKENLINE_SEALING_KEYS instead when it is set', () => {
  const given = generateKeySet();
  expect(localSealingKeys(home, { TOKENLINE_SEALING_KEYS: given })).toBe(given);
});

it('refuses what is no key set, naming the file or the variable and quoting nothing', () => {
  writeFileSync(join(home, 'sealing-keys.json'), '{"current":"k1","keys":{"k1":"c2hvcnQ"}}');
  expect(() => localSealingKeys(home, {})).toThrow(/sealing-keys\.json is damaged/);
  expect(() => localSealingKeys(home, { TOKENLINE_SEALING_KEYS: 'secret' })).toThrow(CliError);
  expect(() => localSealingKeys(home, { TOKENLINE_SEALING_KEYS: 'secret' })).not.toThrow(/secret/);
});
