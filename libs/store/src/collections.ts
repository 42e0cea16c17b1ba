/**
 * The collections, what a document of each looks like, and their indexes.
 *
 * identity (written by ingest):      aliases, identities
 * read models (written by projector): tokens, timeline, deadLetters, in generations (projections.ts)
 * notices (written by notifier):     notices, notifierInstances; cardholders (by ingest)
 * codes in waiting (vault.ts):       activationCodes (put by ingest, wiped by notifier and by MongoDB)
 *
 * Times are BSON dates (UTC). Absent values are left out.
 */
import type { Collection, Db, IndexDescription } from 'mongodb';

/** One name of a token; `_id` is `<kind>:<value>`. Unique by _id, so two instances cannot give one name to two tokens. */
export interface AliasDoc {
  readonly _id: string;
  readonly tokenId: string;
  readonly at: Date;
}

/** One tokenId and the strong names it holds, one of each kind. */
export interface IdentityDoc {
  readonly _id: string;
  readonly createdAt: Date;
  readonly strong: Readonly<Record<string, string>>;
  /** Set when the token turned out to be another. */
  readonly mergedInto?: string;
  /** Set once the fact of the merge is in the log: until then a message that follows the link announces it again. */
  readonly mergeAnnounced?: boolean;
}

export interface ProvisioningView {
  readonly outcome?: string;
  readonly path?: string;
  readonly requestedAt?: Date;
  readonly onDeviceAt?: Date;
  readonly activatedAt?: Date;
  readonly completedAt?: Date;
}

/** A device bound to a token: apart from the device the token lives on. */
export interface BindingView {
  readonly bindingId?: string;
  readonly device?: { readonly id?: string; readonly name?: string; readonly type?: string };
  readonly boundAt: Date;
}

/** Read model `tokens`: the contract's Token, `_id` being its tokenId. Replaced only by a higher version. */
export interface TokenDoc {
  readonly _id: string;
  readonly network?: string;
  readonly status: string;
  readonly suspendedBy: readonly string[];
  readonly provisioning: ProvisioningView;
  readonly tokenType?: string;
  readonly wallet?: string;
  readonly tokenRequestorId?: string;
  readonly device?: { readonly id?: string; readonly name?: string; readonly type?: string };
  /** Absent where there are none. */
  readonly bindings?: readonly BindingView[];
  readonly removedFromWalletAt?: Date;
  readonly card?: { readonly ref: string; readonly last4?: string };
  readonly aliases: readonly { readonly kind: string; readonly value: string }[];
  readonly tokenExpiry?: string;
  readonly firstUsedAt?: Date;
  readonly mergedInto?: string;
  readonly version: number;
  readonly updatedAt: Date;
}

/** Read model `timeline`: one entry for each lifecycle event, `_id` being its eventId. */
export interface TimelineDoc {
  readonly _id: string;
  readonly tokenId: string;
  /** When the cause happened at the network. */
  readonly at: Date;
  readonly recordedAt: Date;
  /** Lifecycle event type: TokenChanged, FactNoted, FactIgnored, ProvisioningCompleted, ActivationCodeIssued, DeadlinePassed, TokenMerged. */
  readonly event: string;
  readonly factId: string;
  readonly factKind: string;
  readonly source: string;
  readonly actor: string;
  readonly version: number;
  readonly reasonCode?: string;
  readonly late?: boolean;
  readonly changes?: readonly { readonly field: string; readonly from?: string; readonly to?: string }[];
  /** Why a fact was ignored: REPEAT, ILLEGAL, … */
  readonly reason?: string;
  readonly explanation?: string;
  readonly intoTokenId?: string;
  /** DeadlinePassed only. */
  readonly deadline?: { readonly purpose: string; readonly since: Date; readonly dueAt: Date };
  /** Position of the cause in token.facts; orders entries of one instant. */
  readonly cause: { readonly partition: number; readonly offset: number };
  /** Offset of the event in token.lifecycle; orders the events of one cause. */
  readonly offset: number;
  /** TokenChanged only: the whole state after the change, for questions about the past. */
  readonly state?: TokenDoc;
}

/** Read model `deadLetters`; `_id` being the deadLetterId. The original stays sealed. */
export interface DeadLetterDoc {
  readonly _id: string;
  readonly stage: string;
  readonly source: string;
  readonly operation: string;
  readonly reasonCode: string;
  readonly explanation: string;
  readonly errors: readonly { readonly path: string; readonly message: string }[];
  readonly receivedAt: Date;
  readonly failedAt: Date;
  readonly contentType?: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JWE of the message as received. */
  readonly original?: string;
  /** How often the same message failed, by log position of the dead letter. */
  readonly occurrences: readonly string[];
  readonly state: 'OPEN' | 'REDRIVEN';
  readonly redrivenAt?: Date;
  /** Why the last attempt to send it through again was refused. */
  readonly redriveReason?: string;
  /** Offset of the newest record about this letter in each partition of token.dead-letters (`p<number>`). Older ones change nothing. */
  readonly watermarks: Readonly<Record<string, number>>;
}

export interface NoticeAttempt {
  readonly at: Date;
  readonly channel: string;
  readonly outcome: string;
  readonly reason?: string;
  readonly providerReference?: string;
  /** Set where this is no hand-over but what the channel said later of one, by call-back or when asked. */
  readonly receipt?: true;
}

/** How a notice is handled, as its policy said when it was made. Milliseconds. */
export interface NoticeTermsView {
  readonly deadlineAfter?: number;
  readonly endsAtDeadline: boolean;
  readonly staleAfter?: number;
  readonly failuresBeforeNextChannel: number;
  readonly escalateAfter: number;
  readonly giveUpAfter: number;
  readonly retry: {
    readonly first: number;
    readonly factor: number;
    readonly longest: number;
    readonly longestWhenLate: number;
  };
  readonly alarms?: readonly number[];
  readonly channels?: readonly string[];
  readonly quietHours?: { readonly from: string; readonly to: string; readonly zone: string };
}

/** The notice ledger; `_id` is deterministic: once for each kind and cause. No contact detail, no secret. */
export interface NoticeDoc {
  readonly _id: string;
  readonly tokenId: string;
  readonly kind: string;
  readonly state: 'PENDING' | 'SENT' | 'DELIVERED' | 'FAILED' | 'CANCELLED';
  readonly dueAt: Date;
  readonly deadlineAt?: Date;
  readonly sentAt?: Date;
  readonly deliveredAt?: Date;
  readonly outcome: 'MET' | 'BREACHED' | null;
  readonly channel?: string;
  readonly attempts: readonly NoticeAttempt[];
  /** What the text names; resolved to a contact only at the moment of sending. */
  readonly subject: {
    readonly network?: string;
    readonly wallet?: string;
    readonly deviceName?: string;
    readonly deviceType?: string;
    readonly cardRef?: string;
    readonly cardLast4?: string;
  };
  readonly causeEventId: string;
  /** Version of the token's state the cause belongs to; absent in entries of before. */
  readonly causeVersion?: number;
  /** Id of the policy applied, `<version>/<rule>`, and what it said; entries of before have no terms. */
  readonly policy?: string;
  readonly terms?: NoticeTermsView;
  /** ACTIVATION_CODE only: how the cardholder chose to get it, and when it lapses where its source says so. The code is in activationCodes. */
  readonly activation?: { readonly method?: string; readonly expiresAt?: Date };
  /** FAILED: no-contact, no-channel, refused, exhausted, undelivered. CANCELLED: expired, no-code, stale, completed, declined, deleted, used, superseded. */
  readonly reason?: string;
  /** Why it is to be called off, once nobody is sending it. */
  readonly moot?: string;
  /** Alarms that have gone off: how long after the cause each was due, in milliseconds, and when it did. */
  readonly alarms?: readonly { readonly after: number; readonly at: Date }[];
  /** When the next alarm is due. */
  readonly nextAlarmAt?: Date;
  readonly createdAt: Date;
  readonly nextAttemptAt?: Date;
  /** SENT by SMS, with no word of its arrival: when the gateway is to be asked (next), where it can be. */
  readonly askAt?: Date;
  /** `instance` names the process, `owner` the one claim it made. */
  readonly lease?: { readonly owner: string; readonly instance?: string; readonly until: Date };
  /** Whether the cardholder.messages event is known to be out; of old news, which has none, the receipt. */
  readonly published: boolean;
  /** Set while what this entry went through last is not yet on cardholder.receipts; `all` where something earlier may not be there either. */
  readonly receiptsOwed?: { readonly mark: string; readonly since: Date; readonly all?: true };
}

/** A process of the notifier: `_id` names it, `beat` counts up while it lives. */
export interface NotifierInstanceDoc {
  readonly _id: string;
  readonly beat: number;
  /** When it last did, by MongoDB's clock; long after that MongoDB removes it. */
  readonly at: Date;
}

/** Directory of cardholders; `_id` is the reference of one card, e.g. `threddPublicToken:100000001` or `pan:<key>:<hmac>`. Contact values are JWEs. */
export interface CardholderDoc {
  readonly _id: string;
  readonly emailSealed?: string;
  readonly phoneSealed?: string;
  readonly webhookSealed?: string;
  /** The cardholder's installation of the issuer's own app, as the issuer addresses it. */
  readonly pushSealed?: string;
  readonly locale?: string;
  /** The issuer's programme the card belongs to: notice policies may ask for it. */
  readonly programme?: string;
  readonly last4?: string;
  readonly updatedAt: Date;
}

/** An activation code that has not been told yet; `_id` is the noticeId. Wiped, it keeps its place until `wipeAt`. Both values are JWEs. */
export interface ActivationCodeDoc {
  readonly _id: string;
  readonly codeSealed?: string;
  /** Where the source says it is to go. */
  readonly contactSealed?: string;
  /** When MongoDB removes it, told or not. */
  readonly wipeAt: Date;
}

export interface Collections {
  readonly aliases: Collection<AliasDoc>;
  readonly identities: Collection<IdentityDoc>;
  readonly tokens: Collection<TokenDoc>;
  readonly timeline: Collection<TimelineDoc>;
  readonly deadLetters: Collection<DeadLetterDoc>;
  readonly notices: Collection<NoticeDoc>;
  readonly notifierInstances: Collection<NotifierInstanceDoc>;
  readonly cardholders: Collection<CardholderDoc>;
  readonly activationCodes: Collection<ActivationCodeDoc>;
}

/** The collections by the names they have in the database; those of another generation of a projection when `nameOf` gives theirs. */
export function collections(db: Db, nameOf: (base: keyof Collections) => string = (base) => base): Collections {
  return {
    aliases: db.collection<AliasDoc>(nameOf('aliases')),
    identities: db.collection<IdentityDoc>(nameOf('identities')),
    tokens: db.collection<TokenDoc>(nameOf('tokens')),
    timeline: db.collection<TimelineDoc>(nameOf('timeline')),
    deadLetters: db.collection<DeadLetterDoc>(nameOf('deadLetters')),
    notices: db.collection<NoticeDoc>(nameOf('notices')),
    notifierInstances: db.collection<NotifierInstanceDoc>(nameOf('notifierInstances')),
    cardholders: db.collection<CardholderDoc>(nameOf('cardholders')),
    activationCodes: db.collection<ActivationCodeDoc>(nameOf('activationCodes')),
  };
}

const indexes: Readonly<Partial<Record<keyof Collections, readonly IndexDescription[]>>> = {
  tokens: [
    { key: { 'aliases.value': 1, 'aliases.kind': 1 } },
    { key: { 'provisioning.requestedAt': -1, _id: 1 } },
    { key: { updatedAt: -1, _id: 1 } },
    { key: { 'card.ref': 1 } },
    { key: { 'device.id': 1 } },
    { key: { mergedInto: 1 }, partialFilterExpression: { mergedInto: { $exists: true } } },
  ],
  timeline: [{ key: { tokenId: 1, at: 1, 'cause.offset': 1, _id: 1 } }],
  deadLetters: [{ key: { failedAt: -1, _id: 1 } }, { key: { reasonCode: 1, failedAt: -1 } }],
  notices: [
    { key: { tokenId: 1 } },
    { key: { dueAt: -1, _id: 1 } },
    { key: { nextAttemptAt: 1 }, partialFilterExpression: { state: 'PENDING' } },
    { key: { deadlineAt: 1 }, partialFilterExpression: { outcome: null } },
    { key: { askAt: 1 }, partialFilterExpression: { state: 'SENT', askAt: { $exists: true } } },
    { key: { 'receiptsOwed.since': 1 }, sparse: true },
    { key: { nextAlarmAt: 1 }, sparse: true },
  ],
  notifierInstances: [{ key: { at: 1 }, expireAfterSeconds: 3_600 }],
  // A time to live: MongoDB looks once a minute.
  activationCodes: [{ key: { wipeAt: 1 }, expireAfterSeconds: 0 }],
};

/** Makes the collections that are no projections, and their indexes. */
export async function ensureIndexes(db: Db): Promise<void> {
  for (const base of [
    'aliases',
    'identities',
    'notices',
    'notifierInstances',
    'cardholders',
    'activationCodes',
  ] as const)
    await ensureIndexesOf(db, base, base);
}

/** Makes a collection of the shape of `base` under a name, and its indexes. Repeating it changes nothing. */
export async function ensureIndexesOf(db: Db, base: keyof Collections, name: string): Promise<void> {
  await db.createCollection(name).catch((error: { codeName?: string }) => {
    if (error.codeName !== 'NamespaceExists') throw error;
  });
  const wanted = indexes[base];
  if (wanted !== undefined) await db.collection(name).createIndexes([...wanted]);
}
