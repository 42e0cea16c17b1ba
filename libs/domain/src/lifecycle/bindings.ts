/**
 * What is bound to a token: a state of its own for each (token, deviceIndex), apart from the token's status and from the device it lives on
 * (visa-vts-and-thredd-ehi.md 4, mastercard-mdes.md 1.9).
 *
 *   DEVICE_BOUND     puts a binding, or renews the one it means; what it does not tell of that one stays
 *   DEVICE_UNBOUND   takes away what it means
 *
 * Meant is the binding of the same id where both have one, else that of the same device: a network numbers its bindings, a processor names the
 * device only, and both may tell of one binding. A fact with neither means none.
 */
import type { Device, DeviceBinding, TokenFact } from '../generated/records.js';

type Named = Pick<DeviceBinding, 'bindingId' | 'device'>;

/** Whether the fact is about a binding; its device is then what is bound, not where the token lives. */
export function isAboutBinding({ kind }: Pick<TokenFact, 'kind'>): boolean {
  return kind === 'DEVICE_BOUND' || kind === 'DEVICE_UNBOUND';
}

/** The bindings after a fact, in the order they were last bound; the same array when the fact changes none. */
export function bindMore(bindings: readonly DeviceBinding[], fact: TokenFact): readonly DeviceBinding[] {
  if (!isAboutBinding(fact) || (fact.bindingId === undefined && fact.device?.id === undefined)) return bindings;
  if (fact.kind === 'DEVICE_UNBOUND') {
    const left = bindings.filter((binding) => !isSame(binding, fact));
    return left.length === bindings.length ? bindings : left;
  }
  // A device may be bound under two ids: a fact that names none renews the newer.
  const renewed = renew(
    bindings.findLast((binding) => isSame(binding, fact)),
    fact,
  );
  return [...bindings.filter((binding) => !isSame(binding, renewed)), renewed];
}

function isSame(a: Named, b: Named): boolean {
  if (a.bindingId !== undefined && b.bindingId !== undefined) return a.bindingId === b.bindingId;
  return a.device?.id !== undefined && a.device.id === b.device?.id;
}

function renew(known: DeviceBinding | undefined, { bindingId, device, occurredAt }: TokenFact): DeviceBinding {
  return {
    bindingId: bindingId ?? known?.bindingId,
    device: device === undefined ? known?.device : tellOf(known?.device, device),
    boundAt: occurredAt,
  };
}

/** Another device takes nothing over from the one that had its place. */
function tellOf(known: Device | undefined, { id, name, type }: Device): Device {
  const before = id === undefined || known?.id === undefined || known.id === id ? known : undefined;
  return { id: id ?? before?.id, name: name ?? before?.name, type: type ?? before?.type };
}
