/**
 * Read model `tokens`: from lifecycle events to guarded writes. Pure.
 *
 * Every write commutes with every other and repeats without effect, so the collection ends the same after any replay:
 *   TokenChanged  carries the whole state; it stands only over a lower version (filter {_id, version: {$lt: n}}).
 *   TokenMerged   sets mergedInto, which nothing takes back; a document it must invent has version 0, under every real one.
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

/** What a batch asks of the collection: of each token its highest version only, and its merge if there is one. */
export interface TokenWrites {
  readonly changed: readonly TokenDoc[];
  readonly merged: readonly TokenMerged[];
}

export function tokenWrites(events: readonly LifecycleEvent[]): TokenWrites {
  const newest = new Map<string, TokenChanged>();
  const merged = new Map<string, TokenMerged>();
  for (const event of events) {
    if (event.type === 'tokenline.lifecycle.TokenChanged') {
      const { tokenId } = event.value;
      if ((newest.get(tokenId)?.state.version ?? -1) < event.value.state.version) newest.set(tokenId, event.value);
    } else if (event.type === 'tokenline.lifecycle.TokenMerged') {
      merged.set(event.value.tokenId, event.value);
    }
  }
  return { changed: [...newest.values()].map((e) => tokenDocument(e.state)), merged: [...merged.values()] };
}

/** Fields a state may lack. A write removes those it does not set; mergedInto stays. */
const optional = [
  'network',
  'tokenType',
  'wallet',
  'tokenRequestorId',
  'device',
  'bindings',
  'removedFromWalletAt',
  'card',
  'tokenExpiry',
  'firstUsedAt',
] as const;

/**
 * The guarded write of one state. With `upsert`, a document that already stands at this version or above makes the server try an insert
 * and answer E11000: see write.ts.
 */
export function changedOperation(doc: TokenDoc, upsert: boolean): AnyBulkWriteOperation<TokenDoc> {
  const { _id, ...fields } = doc;
  const gone = optional.filter((name) => fields[name] === undefined);
  return {
    updateOne: {
      filter: { _id, version: { $lt: doc.version } },
      update: {
        $set: fields,
        ...(gone.length > 0 && { $unset: Object.fromEntries(gone.map((name) => [name, ''])) }),
      },
      upsert,
    },
  };
}

/** The write of one merge: the younger token's state stays, and says which token it is. */
export function mergedOperation(event: TokenMerged, upsert: boolean): AnyBulkWriteOperation<TokenDoc> {
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
      upsert,
    },
  };
}
