/**
 * The issuer API's addresses behind /v1/inbound/vts/ (visa-vts-and-thredd-ehi.md 1.1), with or without Visa's base `vtis/` before them.
 *
 *   v1/checkEligibility  v1/retrieveStepUpMethods  v1/sendPasscode
 *   v1|v2/tokenRequestors/{}/tokens/{}/approveProvisioning | tokenChanged?eventType= | tokenCreated | deviceBinding | notification?eventType=
 *   v1/pan/notification?eventType=PAN_UPDATED
 *   v1/pushProvisioning/notification      the page has no path for this one; this is ours
 */
import type { VtsOperation } from '@tokenline/domain';

export interface VtsTarget {
  readonly operation: VtsOperation;
  /** What path and query say, by Visa's names. */
  readonly fields: Readonly<Record<string, string>>;
}

const plain: Readonly<Record<string, VtsOperation>> = {
  checkEligibility: 'checkEligibility',
  retrieveStepUpMethods: 'retrieveStepUpMethods',
  sendPasscode: 'sendPasscode',
  'pan/notification': 'panNotification',
  'pushProvisioning/notification': 'pushProvisioningStatus',
};

const ofToken: Readonly<Record<string, VtsOperation>> = {
  approveProvisioning: 'approveProvisioning',
  tokenChanged: 'tokenChanged',
  tokenCreated: 'tokenChanged',
  deviceBinding: 'deviceBinding',
  notification: 'cardMetadataNotification',
};

const tokenPath = /^tokenRequestors\/([^/]+)\/tokens\/([^/]+)\/(\w+)$/;

/** Reads what stands behind the door's address; undefined when it is no operation known here. */
export function readVtsTarget(target: string): VtsTarget | undefined {
  const [path = '', query = ''] = target.split('?', 2);
  const resource = /^(?:vtis\/)?v[12]\/(.+?)\/?$/.exec(path)?.[1];
  if (resource === undefined) return undefined;
  const events = eventFrom(query);
  const operation = own(plain, resource);
  if (operation !== undefined) return { operation, fields: events };
  const [, requestor, reference, verb] = tokenPath.exec(resource) ?? [];
  const changed = verb === undefined ? undefined : own(ofToken, verb);
  const ids = [requestor, reference].map((part) => (part === undefined ? undefined : decoded(part)));
  if (changed === undefined || ids[0] === undefined || ids[1] === undefined) return undefined;
  return {
    operation: changed,
    fields: {
      tokenRequestorID: ids[0],
      tokenReferenceID: ids[1],
      ...(verb === 'tokenCreated' && { eventType: 'TOKEN_CREATED' }),
      ...events,
    },
  };
}

/** A type is a word: a telephone number there, whose plus sign a query reads as a blank, would look like nothing in particular. */
const word = /^[A-Za-z]\w{0,63}$/;

/** eventType and eventID, whatever their case. */
function eventFrom(query: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    const known = ['eventType', 'eventID'].find((one) => one.toLowerCase() === name.toLowerCase());
    if (known === undefined || value.trim() === '' || (known === 'eventType' && !word.test(value.trim()))) continue;
    found[known] ??= value;
  }
  return found;
}

function own(table: Readonly<Record<string, VtsOperation>>, name: string): VtsOperation | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
