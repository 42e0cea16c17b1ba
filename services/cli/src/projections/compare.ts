/** A generation of a projection compared with the log. */
import type { Generation, ProjectionName } from '@tokenline/store';
import { type InvariantCode, type Report, verify } from '@tokenline/verification';
import type { Servers } from '../servers.js';
import { readModelsOf } from './read-models.js';

const judged: Readonly<Record<ProjectionName, readonly InvariantCode[]>> = {
  tokens: ['CAUGHT_UP', 'TOKENS_CURRENT', 'TIMELINE_COMPLETE'],
  'dead-letters': ['CAUGHT_UP', 'DEAD_LETTERS_KEPT'],
};

/** The read-model invariants of `name`, judged of this generation beside the live one of every other projection. */
export async function compareWithLog(
  { log, codec, store, registry }: Pick<Servers, 'log' | 'codec' | 'store' | 'registry'>,
  name: ProjectionName,
  generation: Generation,
  { waitMs, onProgress }: { readonly waitMs: number; readonly onProgress: (line: string) => void },
): Promise<Report> {
  const { collections, groups } = await readModelsOf({ db: store.db, registry }, { [name]: generation });
  return verify({ log, codec, collections, now: Date.now }, { waitMs, only: judged[name], groups, onProgress });
}
