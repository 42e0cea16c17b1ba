/**
 * notifyTokenUpdated: one fact for each token it names (mastercard-mdes.md 1.9). The notice has no clock, so its time is when it was received,
 * and it says what is true of a token, rarely who made it so.
 *
 * What its words mean depends on the date. Until 14 October 2026 a card removed in the wallet is DELETED_FROM_CONSUMER_APP, by which the token
 * may well live on at MDES. From then on it is a STATUS_UPDATE to DEACTIVATED, and `triggeredBy` says who. A message keeps the meaning of
 * the day it was received. (Mastercard's notes give two days for production; this is the newer one's.)
 */
import type { FactDraft } from '../facts/draft.js';
import { type Dated, validAt } from '../facts/validity.js';
import type { FactKind, Party, TokenStatus } from '../generated/records.js';
import { cardFrom, expiryFrom, nameFrom, type Reading, tokenDataExpiry } from './message.js';
import { mdesParty, mdesStatus } from './vocabulary.js';

/** Most tokens taken in one notice: each becomes a fact of its own. */
const mostTokens = 200;

/** What of a fact an update gives, beside what all facts have. */
export type Update = Pick<FactDraft, 'kind' | 'actor' | 'aliases' | 'reasonCode'> & Partial<FactDraft>;

interface Meaning {
  /** Reason codes that have a meaning of their own. A code not listed is noted under its own name: codes come without notice. */
  readonly reasons: Readonly<Record<string, Reason>>;
  /** Who made the change to the token at `at`, where the notice says it. */
  readonly actorOf: (reading: Reading, at: string) => Party;
}

interface Reason {
  readonly kindOf: (reading: Reading, at: string) => FactKind;
  readonly actor?: Party;
  /** What else it tells of the token at `at`. */
  readonly tell?: (reading: Reading, at: string) => Pick<FactDraft, 'bindingId' | 'removedFromWallet'>;
}

const always = (kind: FactKind): Reason => ({ kindOf: () => kind });

/** Bindings never drive a token's status. A binding that is not yet active, or of a status not known, is noted. */
const binding: Reason = {
  kindOf: ({ read }, at) => {
    const status = read.text(`${at}.bindingStatus`)?.toUpperCase();
    return status === 'ACTIVE' ? 'DEVICE_BOUND' : status === 'DEACTIVATED' ? 'DEVICE_UNBOUND' : 'NOTED';
  },
};

const tokenBinding: Reason = {
  ...binding,
  tell: ({ read }, at) => ({ bindingId: read.text(`${at}.bindId`) }),
};

const lastingReasons: Meaning['reasons'] = {
  STATUS_UPDATE: { kindOf: (reading, at) => statusKinds[statusAt(reading, at) ?? 'UNKNOWN'] },
  REDIGITIZATION_COMPLETE: always('TOKEN_REPLACED'),
  FUNDING_ACCOUNT_UPDATE: always('TOKEN_UPDATED'),
  AUTHENTICATION_PERFORMED: always('CARDHOLDER_VERIFIED'),
  TOKEN_BINDING: tokenBinding,
  // It is the account that is bound, whichever of its tokens tells it: without an id it stands in the token's timeline, not among its bindings.
  ACCOUNT_BINDING: binding,
};

/** ACTIVE may be an activation or the last suspender letting go: the notice does not tell which. */
const statusKinds: Readonly<Record<TokenStatus, FactKind>> = {
  INACTIVE: 'STATUS_REPORTED',
  ACTIVE: 'STATUS_REPORTED',
  SUSPENDED: 'TOKEN_SUSPENDED',
  DELETED: 'TOKEN_DELETED',
  UNKNOWN: 'NOTED',
};

const deletionsChange = Date.UTC(2026, 9, 14);

const meanings: readonly Dated<Meaning>[] = [
  {
    validFrom: Number.NEGATIVE_INFINITY,
    validTo: deletionsChange,
    value: {
      reasons: {
        ...lastingReasons,
        // Gone from the wallet only: deleted is for good, and this token can come back (mastercard-mdes.md 2.2).
        DELETED_FROM_CONSUMER_APP: {
          ...always('NOTED'),
          actor: 'TOKEN_REQUESTOR',
          tell: () => ({ removedFromWallet: true }),
        },
      },
      actorOf: () => 'UNKNOWN',
    },
  },
  {
    validFrom: deletionsChange,
    value: {
      // A straggler with the retired code is noted like any code not listed: that it deletes nothing is the safe reading.
      reasons: lastingReasons,
      // Where the field stands is not published either: at the token, or for all of them.
      actorOf: ({ read }, at) => mdesParty(read.text(`${at}.triggeredBy`) ?? read.text('triggeredBy')),
    },
  },
];

/** One update for each token; faults go to the reader. */
export function updatesFrom(reading: Reading): readonly Update[] {
  const { read, receivedAt } = reading;
  const reasonCode = read.required('reasonCode');
  const count = countFrom(reading);
  const meaning = validAt(meanings, receivedAt);
  const updates: Update[] = [];
  for (let i = 0; i < count; i++) {
    const update = updateAt(`tokens[${i}]`, reasonCode ?? '', meaning, reading);
    if (update !== undefined) updates.push(update);
  }
  return updates;
}

function countFrom({ read }: Reading): number {
  const count = Number(read.text('tokens.length') ?? 0);
  if (count >= 1 && count <= mostTokens) return count;
  if (count > mostTokens) read.fault('FIELD_INVALID', 'tokens', `names more than ${mostTokens} tokens`);
  else read.fault('FIELD_MISSING', 'tokens', 'names no token');
  return 0;
}

function updateAt(at: string, reasonCode: string, meaning: Meaning, reading: Reading): Update | undefined {
  const { read } = reading;
  const reference = `${at}.tokenUniqueReference`;
  const name = nameFrom(reading, 'tokenUniqueReference', reference);
  if (name === undefined) {
    if (read.sealed(reference) === undefined)
      read.fault('NO_TOKEN_NAME', reference, 'is missing, blank or a placeholder');
    return undefined;
  }
  const { reasons, actorOf } = meaning;
  const code = reasonCode.toUpperCase();
  const reason = Object.hasOwn(reasons, code) ? reasons[code] : undefined;
  const kind = reason?.kindOf(reading, at) ?? 'NOTED';
  const reportedStatus = code === 'STATUS_UPDATE' ? statusAt(reading, at) : undefined;
  const info = `${at}.fundingAccountInfo`;
  return {
    kind,
    actor: reason?.actor ?? actorOf(reading, at),
    aliases: [name],
    reasonCode,
    reportedStatus,
    suspenders: reportedStatus === 'SUSPENDED' ? suspendersAt(reading, at) : undefined,
    card: cardFrom(reading, info),
    tokenExpiry: expiryFrom(reading, `${at}.tokenExpiry`) ?? tokenDataExpiry(reading, info),
    tokenPanSealed: read.sealed(`${info}.fundingAccountData.tokenData.token`),
    ...reason?.tell?.(reading, at),
  };
}

/** The status a STATUS_UPDATE must give; a word not known is a fault: a change of status may not pass unnoticed. */
function statusAt({ read }: Reading, at: string): Exclude<TokenStatus, 'UNKNOWN'> | undefined {
  const path = `${at}.status`;
  if (read.faults.some((fault) => fault.path === path)) return undefined;
  const word = read.required(path);
  if (word === undefined) return undefined;
  return (
    mdesStatus(word) ?? read.fault('FIELD_INVALID', path, 'is not one of INACTIVE, ACTIVE, SUSPENDED, DEACTIVATED')
  );
}

/** The whole set, as it is now: it replaces what was known. Undefined when none is named, and the token is held by somebody unknown. */
function suspendersAt({ read }: Reading, at: string): readonly Party[] | undefined {
  const parties = new Set<Party>();
  for (let i = 0; ; i++) {
    const word = read.text(`${at}.suspendedBy[${i}]`);
    if (word === undefined) break;
    parties.add(mdesParty(word));
  }
  return parties.size === 0 ? undefined : [...parties];
}
