/** A generation of a projection compared with the log. */
import { collectionsOf, type Generation, type ProjectionName } from '@tokenline/store';
import { type InvariantCode, type Report, type Stage, verify } from '@tokenline/verification';
import type { Servers } from '../servers.js';

const judged: Readonly<Record<ProjectionName, { readonly stage: Stage; readonly only: readonly InvariantCode[] }>> = {
  tokens: { stage: 'read models', only: ['CAUGHT_UP', 'TOKENS_CURRENT', 'TIMELINE_COMPLETE'] },
  'dead-letters': { stage: 'dead letters', only: ['CAUGHT_UP', 'DEAD_LETTERS_KEPT'] },
};

/** The read-model invariants of `name`, judged of this generation beside the live one of every other projection. */
export async function compareWithLog(
  { log, codec, store, registry }: Pick<Servers, 'log' | 'codec' | 'store' | 'registry'>,
  name: ProjectionName,
  generation: Generation,
  { waitMs, onProgress }: { readonly waitMs: number; readonly onProgress: (line: string) => void },
): Promise<Report> {
  const other = name === 'tokens' ? 'dead-letters' : 'tokens';
  const { live } = await registry.read(other);
  const numbers = { [name]: generation.number, [other]: live.number };
  return verify(
    { log, codec, collections: collectionsOf(store.db, (each) => numbers[each] ?? 1), now: Date.now },
    {
      waitMs,
      only: judged[name].only,
      groups: { [judged[name].stage]: generation.group, [judged[other].stage]: live.group },
      onProgress,
    },
  );
}
