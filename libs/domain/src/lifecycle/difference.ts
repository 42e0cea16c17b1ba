/** What changed between two states, field by field, as text a person can read. */
import type { DeviceBinding, FieldChange } from '../generated/records.js';
import type { FoldedState } from './fold.js';

/**
 * Changed fields by dotted name; times as ISO 8601 UTC. Empty when nothing published differs. `updatedAt` follows from the others and is named
 * only when it differs alone: a late fact may say first what a newer one said, so that the newer one turns out to have shaped nothing.
 */
export function difference(before: FoldedState | undefined, after: FoldedState): FieldChange[] {
  const from = before === undefined ? {} : flatten(before);
  const to = flatten(after);
  const changes = [...new Set([...Object.keys(from), ...Object.keys(to)])]
    .filter((field) => from[field] !== to[field])
    .map((field) => ({ field, from: from[field], to: to[field] }));
  if (changes.length > 0 || before?.updatedAt === after.updatedAt) return changes;
  return [{ field: 'updatedAt', from: iso(before?.updatedAt), to: iso(after.updatedAt) }];
}

const iso = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString());

function flatten(state: FoldedState): Record<string, string | undefined> {
  const { provisioning } = state;
  return {
    network: state.network,
    status: state.status,
    suspendedBy: state.suspendedBy.join(' ') || undefined,
    'provisioning.outcome': provisioning.outcome,
    'provisioning.path': provisioning.path,
    'provisioning.requestedAt': iso(provisioning.requestedAt),
    'provisioning.onDeviceAt': iso(provisioning.onDeviceAt),
    'provisioning.activatedAt': iso(provisioning.activatedAt),
    'provisioning.completedAt': iso(provisioning.completedAt),
    tokenType: state.tokenType,
    wallet: state.wallet,
    tokenRequestorId: state.tokenRequestorId,
    'device.id': state.device?.id,
    'device.name': state.device?.name,
    'device.type': state.device?.type,
    bindings: state.bindings.map(bindingText).join('; ') || undefined,
    removedFromWalletAt: iso(state.removedFromWalletAt),
    'card.ref': state.card?.ref,
    'card.last4': state.card?.last4,
    aliases: state.aliases.map((alias) => `${alias.kind}:${alias.value}`).join(' ') || undefined,
    tokenExpiry: state.tokenExpiry,
    firstUsedAt: iso(state.firstUsedAt),
  };
}

/** `bindingId:1 device.id:browser-0003 boundAt:2030-03-01T12:00:00.000Z` */
function bindingText({ bindingId, device, boundAt }: DeviceBinding): string {
  const parts = {
    bindingId,
    'device.id': device?.id,
    'device.name': device?.name,
    'device.type': device?.type,
    boundAt: iso(boundAt),
  };
  return Object.entries(parts)
    .filter(([, part]) => part !== undefined)
    .map(([name, part]) => `${name}:${part}`)
    .join(' ');
}
