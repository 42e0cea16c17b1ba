/** What changed between two states, field by field, as text a person can read. */
import type { DeviceBinding, FieldChange } from '../generated/records.js';
import type { FoldedState } from './fold.js';

/**
 * Changed fields by dotted name; times as ISO 8601 UTC. Empty when nothing published differs. `updatedAt` follows from the others and is named
 * only when it differs alone: a late fact may say first what a newer one said, so that the newer one turns out to have shaped nothing.
 */
export function difference(before: FoldedState | undefined, after: FoldedState): FieldChange[] {
  const changes: FieldChange[] = [];
  for (const [field, pick, textOf] of fields) {
    const [was, is] = [before && pick(before), pick(after)];
    if (was === is) continue;
    const [from, to] = [textOf(was), textOf(is)];
    if (from !== to) changes.push({ field, from, to });
  }
  if (changes.length > 0 || before?.updatedAt === after.updatedAt) return changes;
  return [{ field: 'updatedAt', from: iso(before?.updatedAt), to: iso(after.updatedAt) }];
}

const text = (value: string | undefined): string | undefined => value;
const iso = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString());

type Field = readonly [
  name: string,
  pick: (state: FoldedState) => unknown,
  textOf: (value: unknown) => string | undefined,
];

/** A field by its value, which is compared first, and by its text: most facts change few of them, and a text costs more than the comparison. */
function field<T>(
  name: string,
  pick: (state: FoldedState) => T | undefined,
  textOf: (value: T | undefined) => string | undefined,
) {
  return [name, pick, textOf] as Field;
}

/** Blank where there are none. */
function list<T>(textOf: (item: T) => string, between: string) {
  return (items: readonly T[] | undefined): string | undefined => items?.map(textOf).join(between) || undefined;
}

const fields: readonly Field[] = [
  field('network', (state) => state.network, text),
  field('status', (state) => state.status, text),
  field('suspendedBy', (state) => state.suspendedBy, list(String, ' ')),
  field('provisioning.outcome', ({ provisioning }) => provisioning.outcome, text),
  field('provisioning.path', ({ provisioning }) => provisioning.path, text),
  field('provisioning.requestedAt', ({ provisioning }) => provisioning.requestedAt, iso),
  field('provisioning.onDeviceAt', ({ provisioning }) => provisioning.onDeviceAt, iso),
  field('provisioning.activatedAt', ({ provisioning }) => provisioning.activatedAt, iso),
  field('provisioning.completedAt', ({ provisioning }) => provisioning.completedAt, iso),
  field('tokenType', (state) => state.tokenType, text),
  field('wallet', (state) => state.wallet, text),
  field('tokenRequestorId', (state) => state.tokenRequestorId, text),
  field('device.id', (state) => state.device?.id, text),
  field('device.name', (state) => state.device?.name, text),
  field('device.type', (state) => state.device?.type, text),
  field('bindings', (state) => state.bindings, list(bindingText, '; ')),
  field('removedFromWalletAt', (state) => state.removedFromWalletAt, iso),
  field('card.ref', (state) => state.card?.ref, text),
  field('card.last4', (state) => state.card?.last4, text),
  field(
    'aliases',
    (state) => state.aliases,
    list((alias) => `${alias.kind}:${alias.value}`, ' '),
  ),
  field('tokenExpiry', (state) => state.tokenExpiry, text),
  field('firstUsedAt', (state) => state.firstUsedAt, iso),
];

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
