/**
 * Read model `tokens`: from lifecycle events to writes. Pure.
 *
 * Every write commutes with every other and repeats without effect, so the collection ends the same after any replay:
 *   TokenChanged  carries the whole state; it stands only where nothing does (an insert) or over a lower version (a guarded upsert).
 *   TokenMerged   sets mergedInto, which nothing takes back; a document it must invent has version 0, under every real one.
 *
 * What a write costs MongoDB (6.0, with the indexes of `tokens`): an insert 36 us, an upsert by `_id` alone 105, with the guard in the filter
 * ({_id, version: {$lt: n}}: the query is planned anew each time) 195, with the guard in the update as here 130. So a token whose first version
 * is among what is to be written is inserted, and only where its document stands already the guarded upsert follows (write.ts).
 */
import type { AnyRecord } from '@tokenline/contracts';
import type { DeviceBinding, Provisioning, TokenChanged, TokenMerged, TokenState } from '@tokenline/domain';
import type { BindingView, ProvisioningView, TokenDoc } from '@tokenline/store';
import type { AnyBulkWriteOperation } from 'mongodb';

export type LifecycleEvent = Extract<AnyRecord, { readonly type: `tokenline.lifecycle.${string}` }>;

/** A document from before our schema's newest symbols may say UNKNOWN: to readers that is absent. */
function known(symbol: string | undefined): string | undefined {
  return symbol === 'UNKNOWN' ? undefined : symbol;
}

function when(ms: number | undefined): Date | undefined {
  return ms === undefined ? undefined : new Date(ms);
}

/**
 * A document whose absent values are undefined: MongoDB's driver leaves such fields out (`ignoreUndefined`, libs/store connect.ts). Leaving them
 * out here took a third of the time an event's documents are made in.
 */
export function sparse<T extends object>(fields: { readonly [K in keyof T]: T[K] | undefined }): T {
  return fields as T;
}

function provisioningView(provisioning: Provisioning): ProvisioningView {
  return sparse<ProvisioningView>({
    outcome: known(provisioning.outcome),
    path: known(provisioning.path),
    requestedAt: when(provisioning.requestedAt),
    onDeviceAt: when(provisioning.onDeviceAt),
    activatedAt: when(provisioning.activatedAt),
    completedAt: when(provisioning.completedAt),
  });
}

function bindingView({ bindingId, device, boundAt }: DeviceBinding): BindingView {
  return sparse<BindingView>({ bindingId, device: device && sparse(device), boundAt: new Date(boundAt) });
}

/** The document of a published state. */
export function tokenDocument(state: TokenState): TokenDoc {
  return sparse<TokenDoc>({
    _id: state.tokenId,
    network: known(state.network),
    status: state.status,
    suspendedBy: state.suspendedBy,
    provisioning: provisioningView(state.provisioning),
    tokenType: known(state.tokenType),
    wallet: state.wallet,
    tokenRequestorId: state.tokenRequestorId,
    device: state.device && sparse(state.device),
    bindings: state.bindings.length === 0 ? undefined : state.bindings.map(bindingView),
    removedFromWalletAt: when(state.removedFromWalletAt),
    card: state.card && sparse(state.card),
    aliases: state.aliases,
    tokenExpiry: state.tokenExpiry,
    firstUsedAt: when(state.firstUsedAt),
    mergedInto: state.mergedInto,
    version: state.version,
    updatedAt: new Date(state.updatedAt),
  });
}

/** What a lot of events asks of the collection: of each token its highest version only, and its merge if there is one. */
export interface TokenWrites {
  /** Of tokens whose first version is in the lot: as a rule their documents are not there yet. */
  readonly fresh: readonly TokenDoc[];
  readonly changed: readonly TokenDoc[];
  readonly merged: readonly TokenMerged[];
}

/** The version of a token's first state (libs/domain decide.ts). */
const firstVersion = 1;

/** Takes a lot's events as they are decoded; what it holds of them is no more than what is to be written. */
export function gatherTokens() {
  const newest = new Map<string, TokenChanged>();
  const begun = new Set<string>();
  const merged = new Map<string, TokenMerged>();
  return {
    add: (event: LifecycleEvent): void => {
      const { tokenId } = event.value;
      if (event.type === 'tokenline.lifecycle.TokenChanged') {
        if ((newest.get(tokenId)?.state.version ?? -1) < event.value.state.version) newest.set(tokenId, event.value);
        if (event.value.state.version === firstVersion) begun.add(tokenId);
      } else if (event.type === 'tokenline.lifecycle.TokenMerged') {
        merged.set(tokenId, event.value);
      }
    },
    writes: (): TokenWrites => {
      const states = [...newest.values()].map(({ state }) => state);
      return {
        fresh: states.filter(({ tokenId }) => begun.has(tokenId)).map(tokenDocument),
        changed: states.filter(({ tokenId }) => !begun.has(tokenId)).map(tokenDocument),
        merged: [...merged.values()],
      };
    },
  };
}

/**
 * The guarded write of one state: over a lower version the document becomes this one, but for `mergedInto`, which stays where the state has none;
 * else it stays as it is. A document that is not there has no version, which is lower than every number.
 */
export function changedOperation(doc: TokenDoc): AnyBulkWriteOperation<TokenDoc> {
  const written = {
    $mergeObjects: [
      { $literal: doc },
      { mergedInto: { $ifNull: [{ $literal: doc.mergedInto ?? null }, '$mergedInto'] } },
    ],
  };
  return {
    updateOne: {
      filter: { _id: doc._id },
      update: [{ $replaceWith: { $cond: [{ $lt: ['$version', doc.version] }, written, '$$ROOT'] } }],
      upsert: true,
    },
  };
}

/** The write of one merge: the younger token's state stays, and says which token it is. */
export function mergedOperation(event: TokenMerged): AnyBulkWriteOperation<TokenDoc> {
  return {
    updateOne: {
      filter: { _id: event.tokenId },
      update: {
        $set: { mergedInto: event.intoTokenId },
        $setOnInsert: {
          status: 'UNKNOWN',
          suspendedBy: [],
          provisioning: {},
          aliases: [],
          version: 0,
          updatedAt: new Date(event.occurredAt),
        },
      },
      upsert: true,
    },
  };
}
