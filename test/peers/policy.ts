/** The decision policy of a system under test, as the file that TOKENLINE_DECISION_POLICY names. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface PolicyFile {
  readonly env: NodeJS.ProcessEnv;
  readonly remove: () => void;
}

/** `policy` in the form services/ingest/README.md gives it. */
export function writePolicy(policy: object): PolicyFile {
  const folder = mkdtempSync(join(tmpdir(), 'tokenline-policy-'));
  const file = join(folder, 'policy.json');
  writeFileSync(file, JSON.stringify(policy));
  return {
    env: { TOKENLINE_DECISION_POLICY: file },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
