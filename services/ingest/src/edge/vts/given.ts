/** For tests: the VTS door over HTTP, and Visa itself: fresh keys of both sides, requests signed and encrypted as it does. */
import { type FactDraft, type InboundMessage, mapVts } from '@tokenline/domain';
import { generateVtsPair, makeVtsEnvelope, parseVtsKeys, type VtsSender } from '@tokenline/envelopes';
import type { CardholderDoc } from '@tokenline/store';
import { configuredPolicy, type Policy, safePolicy } from '../../decision/policy.js';
import type { DecisionPort } from '../../decision/port.js';
import type { ContactParts } from '../contacts.js';
import { type DoorEdge, directoryOf, startDoor } from '../given.js';
import { createVtsDoor } from '../vts-door.js';

const prefix = '/v1/inbound/vts/';

export interface VtsEdge extends DoorEdge {
  /** The body as Visa sends it: with `opened`, where there is any, as encryptedData. */
  readonly sealed: (body: object, opened: unknown, how?: Partial<Sealing>) => Promise<string>;
  readonly sender: VtsSender;
}

export interface Sealing {
  readonly issuedAt: number;
  readonly sender: VtsSender;
}

export interface VtsGiven {
  readonly policy?: Policy;
  readonly decisions?: DecisionPort;
  readonly cardholders?: readonly CardholderDoc[];
  readonly directory?: ContactParts['cardholders'];
  /** The door's clock, epoch ms. */
  readonly now?: () => number;
  readonly configured?: boolean;
}

const pair = generateVtsPair();

/** The door, whose `post` takes what stands behind its address. */
export function startVts(given: VtsGiven = {}): VtsEdge {
  const { policy = safePolicy, cardholders = [], now = Date.now, configured = true } = given;
  const edge = startDoor(
    `${prefix}*`,
    (parts) =>
      createVtsDoor({
        ...parts,
        keys: configured ? parseVtsKeys(pair.keys) : undefined,
        decisions: given.decisions ?? configuredPolicy(policy),
        cardholders: given.directory ?? directoryOf(cardholders),
      }),
    { now },
  );
  return {
    ...edge,
    post: (target, body) => edge.post(prefix + target, body),
    sealed: (body, opened, { issuedAt = now(), sender = pair.sender } = {}) => sealed(body, opened, sender, issuedAt),
    sender: pair.sender,
  };
}

/** A body with `opened`, text or anything JSON, signed and encrypted as its encryptedData; without, the body alone. */
export async function sealed(body: object, opened: unknown, sender: VtsSender, issuedAt: number): Promise<string> {
  if (opened === undefined) return JSON.stringify(body);
  const text = typeof opened === 'string' ? opened : JSON.stringify(opened);
  return JSON.stringify({ ...body, encryptedData: await makeVtsEnvelope(text, sender, { issuedAt }) });
}

/** The facts a recorded message means, as the normalizer reads it. Throws when it is refused. */
export function factsOf(message: InboundMessage): readonly FactDraft[] {
  const mapping = mapVts(message);
  if (!mapping.ok) throw new Error(`A message that was taken is refused: ${mapping.rejection.code}`);
  return mapping.facts;
}
