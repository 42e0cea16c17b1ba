/** The sealing keys of a local home: made once, readable by their owner only, kept when data is wiped. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateKeySet, KeySetError, parseKeySet } from '@tokenline/sealing';
import { CliError } from '../errors.js';

/** The key set's text: TOKENLINE_SEALING_KEYS when set, else the home's own. Throws CliError when it is unusable. */
export function localSealingKeys(home: string, env: NodeJS.ProcessEnv): string {
  const given = env.TOKENLINE_SEALING_KEYS?.trim();
  const file = join(home, 'sealing-keys.json');
  const text = given === undefined || given === '' ? readOrMake(file) : given;
  try {
    parseKeySet(text);
    return text;
  } catch (error) {
    if (!(error instanceof KeySetError)) throw error;
    throw new CliError(text === given ? error.message : `${file} is damaged: ${error.message}`);
  }
}

function readOrMake(file: string): string {
  try {
    mkdirSync(join(file, '..'), { recursive: true });
    // Fails when the file is there: two starts at once agree on one key set.
    writeFileSync(file, `${generateKeySet()}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8').trim();
}
