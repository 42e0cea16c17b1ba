/**
 * What a token's facts add up to, reckoned a second time: status, suspenders, completion, first use and bindings, without the machine, the fold or anything of them.
 * The rules are those of the domain pages, in the order the facts happened:
 *
 *   status      the networks' word counts; parties hold a token down and let go one by one; deleted and declined are for good
 *               (mastercard-mdes.md 2.1 to 2.3, visa-vts-and-thredd-ehi.md 8)
 *   completion  a token on a device is complete when it is active and either on its device or past its step-up; one on file or in a browser when
 *               it is active; on Mastercard the TCN makes it active whatever status it carries or does not (visa-vts-and-thredd-ehi.md 5.4)
 *   first use   the earliest purchase reported
 *   bindings    apart from all of that: known by the network's id, where both sides have one, else by the device (visa-vts-and-thredd-ehi.md 4)
 *
 * A test compares it with the fold over generated facts: where they part, one of the two is wrong.
 */
import type { FactKind, Party, TokenFact, TokenState, TokenStatus } from '@tokenline/domain';

export interface Reckoning {
  readonly status: Exclude<TokenStatus, 'UNKNOWN'>;
  /** Sorted by name. */
  readonly suspendedBy: readonly Party[];
  readonly completedAt: number | undefined;
  readonly firstUsedAt: number | undefined;
  /** In the order they were last bound. */
  readonly bindings: readonly Slot[];
}

/** A binding, with no more of its device than the id. */
export interface Slot {
  readonly bindingId: string | undefined;
  readonly deviceId: string | undefined;
  readonly boundAt: number;
}

/** The bindings of a state, as far as they are reckoned. */
export function slotsOf({ bindings }: Pick<TokenState, 'bindings'>): readonly Slot[] {
  return bindings.map(({ bindingId, device, boundAt }) => ({ bindingId, deviceId: device?.id, boundAt }));
}

/** Of facts that happened at one instant, the one further down in a token's life counts later. */
const flow: readonly FactKind[] = [
  'PROVISIONING_REQUESTED',
  'TOKEN_CREATED',
  'ACTIVATION_CODE_ISSUED',
  'DEVICE_PROVISIONED',
  'AUTHENTICATION_FAILED',
  'AUTHENTICATION_SUCCEEDED',
  'STATUS_REPORTED',
  'TOKEN_UPDATED',
  'TOKEN_REPLACED',
  'DEVICE_BOUND',
  'DEVICE_UNBOUND',
  'CARDHOLDER_VERIFIED',
  'TOKEN_USED',
  'NOTED',
  'TOKEN_RESUMED',
  'TOKEN_SUSPENDED',
  'TOKEN_DELETED',
  'DEADLINE_PASSED',
  'TOKENS_MERGED',
  'FACTS_ABSORBED',
  'UNKNOWN',
];

/** Whether `a` happened before `b`, as a token's history is told. */
export function isBefore(a: TokenFact, b: TokenFact): boolean {
  if (a.occurredAt !== b.occurredAt) return a.occurredAt < b.occurredAt;
  if (a.kind !== b.kind) return flow.indexOf(a.kind) < flow.indexOf(b.kind);
  return a.factId < b.factId;
}

/** These speak of a request, a device or a cardholder, not of the token's status. */
const withoutStatus: readonly FactKind[] = [
  'PROVISIONING_REQUESTED',
  'DEVICE_BOUND',
  'DEVICE_UNBOUND',
  'CARDHOLDER_VERIFIED',
  'TOKEN_USED',
  'NOTED',
  'DEADLINE_PASSED',
  'TOKENS_MERGED',
  'FACTS_ABSORBED',
  'UNKNOWN',
];

interface Life {
  status: Reckoning['status'];
  holders: Set<Party>;
  /** How the request stands, as far as it matters here. */
  request: 'open' | 'declined' | 'abandoned' | 'stepped-up';
  onDevice: boolean;
  completedAt: number | undefined;
  slots: readonly Slot[];
}

/** `facts` in any order, none twice. */
export function reckon(facts: readonly TokenFact[]): Reckoning {
  const told = [...facts].sort((a, b) => (isBefore(a, b) ? -1 : isBefore(b, a) ? 1 : 0));
  const type = told.findLast((fact) => fact.tokenType !== undefined)?.tokenType;
  const offDevice = type === 'CARD_ON_FILE' || type === 'BROWSER';
  const life: Life = {
    status: 'INACTIVE',
    holders: new Set(),
    request: 'open',
    onDevice: false,
    completedAt: undefined,
    slots: [],
  };
  for (const fact of told) {
    hearBinding(life, fact);
    for (const effect of [hearRequest, hearDevice, hearResumption, hearStatus]) {
      effect(life, fact, fact.tokenType ?? type);
      const there = offDevice || life.onDevice || life.request === 'stepped-up';
      if (life.status === 'ACTIVE' && there) life.completedAt ??= fact.occurredAt;
    }
  }
  return {
    status: life.status,
    suspendedBy: life.status === 'SUSPENDED' ? [...life.holders].sort() : [],
    completedAt: life.completedAt,
    firstUsedAt: told.find(({ kind }) => kind === 'TOKEN_USED')?.occurredAt,
    bindings: life.slots,
  };
}

function isOpen(life: Life): boolean {
  return life.status !== 'DELETED' && life.request !== 'declined';
}

function hearRequest(life: Life, { kind, decision, deadline }: TokenFact): void {
  if (!isOpen(life) || life.completedAt !== undefined) return;
  if (kind === 'AUTHENTICATION_SUCCEEDED') life.request = 'stepped-up';
  else if (kind === 'DEADLINE_PASSED') {
    // The others are reminders.
    if (deadline === undefined || deadline.purpose === 'TOKEN_ABANDONED') life.request = 'abandoned';
  } else if (kind === 'PROVISIONING_REQUESTED' && life.request !== 'stepped-up') {
    if (decision === 'APPROVED' || decision === 'AUTHENTICATE') life.request = 'open';
    else if (decision === 'DECLINED' && life.request === 'open' && life.status === 'INACTIVE')
      life.request = 'declined';
  }
}

function hearDevice(life: Life, { kind }: TokenFact, type: TokenFact['tokenType']): void {
  if (kind === 'DEVICE_PROVISIONED' && type !== 'CARD_ON_FILE' && type !== 'BROWSER' && isOpen(life))
    life.onDevice = true;
}

function hearBinding(life: Life, { kind, bindingId, device, occurredAt }: TokenFact): void {
  const deviceId = device?.id;
  if ((kind !== 'DEVICE_BOUND' && kind !== 'DEVICE_UNBOUND') || (bindingId ?? deviceId) === undefined) return;
  const meant = life.slots.filter((slot) =>
    bindingId !== undefined && slot.bindingId !== undefined
      ? slot.bindingId === bindingId
      : deviceId !== undefined && slot.deviceId === deviceId,
  );
  const newest = meant.at(-1);
  // One device may have two slots: let go it leaves both, bound again without a slot it is in the newer.
  const gone = kind === 'DEVICE_BOUND' && bindingId === undefined ? meant.slice(-1) : meant;
  const made = {
    bindingId: bindingId ?? newest?.bindingId,
    deviceId: deviceId ?? newest?.deviceId,
    boundAt: occurredAt,
  };
  life.slots = [...life.slots.filter((slot) => !gone.includes(slot)), ...(kind === 'DEVICE_BOUND' ? [made] : [])];
}

/** A party that lets go without the network stating that the token is active again. */
function hearResumption(life: Life, { kind, suspenders, reportedStatus, actor }: TokenFact): void {
  if (kind === 'TOKEN_RESUMED' && suspenders === undefined && reportedStatus !== 'ACTIVE') letGo(life, actor);
}

function hearStatus(life: Life, fact: TokenFact): void {
  const { kind, reportedStatus, suspenders, actor, network } = fact;
  if (withoutStatus.includes(kind) || !isOpen(life)) return;
  if (kind === 'TOKEN_DELETED') life.status = 'DELETED';
  else if (kind === 'DEVICE_PROVISIONED' && network === 'MDES' && reportedStatus === undefined) activate(life);
  else if (suspenders !== undefined) setHolders(life, suspenders);
  else if (kind === 'TOKEN_SUSPENDED') holdDown(life, actor);
  else if (kind === 'STATUS_REPORTED' && reportedStatus === 'SUSPENDED') holdDown(life, actor);
  else if (reportedStatus === 'ACTIVE') activate(life);
  else if (reportedStatus === 'DELETED') life.status = 'DELETED';
  else if (reportedStatus === 'SUSPENDED' && life.status !== 'SUSPENDED') holdDown(life, 'UNKNOWN');
}

function activate(life: Life): void {
  life.status = 'ACTIVE';
  life.holders.clear();
}

function holdDown(life: Life, party: Party): void {
  life.status = 'SUSPENDED';
  life.holders.add(party);
}

function letGo(life: Life, party: Party): void {
  if (life.status !== 'SUSPENDED' || !life.holders.delete(party)) return;
  if (life.holders.size === 0) life.status = 'ACTIVE';
}

/** The whole set, where a source sends it. An empty set frees a suspended token; it says nothing of one that never was active. */
function setHolders(life: Life, parties: readonly Party[]): void {
  if (parties.length > 0) {
    life.status = 'SUSPENDED';
    life.holders = new Set(parties);
  } else if (life.status === 'SUSPENDED') activate(life);
}
