/** The read models a verification looks at. */
import {
  type Collections,
  collectionsOf,
  type Generation,
  type ProjectionName,
  type Registry,
  type Store,
} from '@tokenline/store';
import type { Stage } from '@tokenline/verification';

export interface ReadModels {
  readonly collections: Collections;
  /** The consumer groups that feed them. */
  readonly groups: Readonly<Record<Extract<Stage, 'read models' | 'dead letters'>, string>>;
}

/** The read models as they are in these generations, the live ones where none is given. */
export async function readModelsOf(
  { db, registry }: Pick<Store, 'db'> & { readonly registry: Pick<Registry, 'read'> },
  given: Partial<Record<ProjectionName, Generation>> = {},
): Promise<ReadModels> {
  const generations = {
    tokens: given.tokens ?? (await registry.read('tokens')).live,
    'dead-letters': given['dead-letters'] ?? (await registry.read('dead-letters')).live,
  };
  return {
    collections: collectionsOf(db, (name) => generations[name].number),
    groups: { 'read models': generations.tokens.group, 'dead letters': generations['dead-letters'].group },
  };
}
