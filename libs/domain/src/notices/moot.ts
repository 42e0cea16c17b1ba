/**
 * What a lifecycle event makes moot: notices of the same token that still wait, and that it would be wrong to send now.
 *
 *   PROVISIONING_UNFINISHED   completion, decline, deletion
 *   TOKEN_UNUSED              the first purchase, deletion
 *   a status notice           the next change of status, told or not
 *
 * An event makes moot what came of events of a lower version of the token, and nothing else: so a log that is read again calls off nothing new.
 */
import type { ProvisioningCompleted, TokenChanged } from '../generated/records.js';
import type { NoticeKind } from './kinds.js';
import type { NoticeEntry } from './notice.js';

export type MootReason = 'completed' | 'declined' | 'deleted' | 'used' | 'superseded';

export interface Moot {
  readonly tokenId: string;
  /** Notices whose cause has a lower version are meant. */
  readonly version: number;
  readonly kinds: readonly NoticeKind[];
  readonly reason: MootReason;
}

/** Kinds that tell of a token's status. */
export const statusKinds = ['TOKEN_SUSPENDED', 'TOKEN_RESUMED', 'TOKEN_DELETED'] as const;

/** Kinds that may be called off by a later event. */
export const mootableKinds: readonly NoticeKind[] = [...statusKinds, 'PROVISIONING_UNFINISHED', 'TOKEN_UNUSED'];

/** What a completion makes moot. A token that took over another's completion has a change alone. */
export function mootByCompletion({ tokenId, version }: ProvisioningCompleted): readonly Moot[] {
  return [{ tokenId, version, kinds: ['PROVISIONING_UNFINISHED'], reason: 'completed' }];
}

/** What a change makes moot. */
export function mootByChange({ tokenId, version, changes }: TokenChanged): readonly Moot[] {
  const changed = new Map(changes.map(({ field, to }) => [field, to]));
  const moots: Moot[] = [];
  const add = (reason: MootReason, ...kinds: NoticeKind[]) => moots.push({ tokenId, version, kinds, reason });
  if (changed.get('provisioning.completedAt') !== undefined) add('completed', 'PROVISIONING_UNFINISHED');
  if (changed.get('provisioning.outcome') === 'DECLINED') add('declined', 'PROVISIONING_UNFINISHED');
  if (changed.get('firstUsedAt') !== undefined) add('used', 'TOKEN_UNUSED');
  if (changed.get('status') === 'DELETED') add('deleted', 'PROVISIONING_UNFINISHED', 'TOKEN_UNUSED');
  if (changed.has('status')) add('superseded', ...statusKinds);
  return moots;
}

/** Moots by their token, each token's in the order given. */
export type MootsByToken = ReadonlyMap<string, readonly Moot[]>;

export function byToken(moots: readonly Moot[]): MootsByToken {
  const found = new Map<string, Moot[]>();
  for (const moot of moots) {
    const known = found.get(moot.tokenId);
    if (known === undefined) found.set(moot.tokenId, [moot]);
    else known.push(moot);
  }
  return found;
}

/** Why a notice is moot, by the first that says so; undefined when none does. */
export function mootReasonOf(
  { tokenId, kind, causeVersion }: Pick<NoticeEntry, 'tokenId' | 'kind' | 'causeVersion'>,
  moots: MootsByToken,
): MootReason | undefined {
  return moots.get(tokenId)?.find((moot) => moot.kinds.includes(kind) && causeVersion < moot.version)?.reason;
}
