// Generated from schemas/*.avsc by `npm run generate`. Do not edit.

/** A notice the cardholder is to get. Carries no contact detail. */
export interface CardholderMessage {
  /** Id of this message. */
  readonly messageId: string;
  /** Ledger entry it belongs to. */
  readonly noticeId: string;
  /** The token; also the record key. */
  readonly tokenId: string;
  /** Kind of notice, for example PROVISIONING_COMPLETED. */
  readonly kind: string;
  /** Lifecycle event that caused it. */
  readonly causeEventId: string;
  /** When it should go out. (epoch ms) */
  readonly dueAt: number;
  /** When it must have gone out. (epoch ms) */
  readonly deadlineAt?: number | undefined;
  /** Wallet named in the text. */
  readonly wallet?: string | undefined;
  /** Device named in the text. */
  readonly device?: Device | undefined;
  /** Card named in the text. */
  readonly card?: Card | undefined;
  /** When the ledger entry was made. (epoch ms) */
  readonly createdAt: number;
}

/** What became of an attempt. */
export type DeliveryOutcome = 'UNKNOWN' | 'ACCEPTED' | 'DELIVERED' | 'REJECTED' | 'FAILED' | 'BREACHED' | 'ALARMED';
export const deliveryOutcomeSymbols = ['UNKNOWN', 'ACCEPTED', 'DELIVERED', 'REJECTED', 'FAILED', 'BREACHED', 'ALARMED'] as const satisfies readonly DeliveryOutcome[];

/** What a channel answered to one attempt. */
export interface DeliveryReceipt {
  /** Id of this receipt. */
  readonly receiptId: string;
  /** Ledger entry it belongs to. */
  readonly noticeId: string;
  /** The token; also the record key. */
  readonly tokenId: string;
  /** Kind of notice. */
  readonly kind: string;
  /** Channel used. */
  readonly channel: string;
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  /** What became of it; ALARMED and BREACHED tell of the notice, not of an attempt. */
  readonly outcome: DeliveryOutcome;
  /** Why it failed; never a contact detail. */
  readonly reason?: string | undefined;
  /** Provider's id of the message. */
  readonly providerReference?: string | undefined;
  /** When the answer came. (epoch ms) */
  readonly at: number;
}

/** A message or fact that could not be processed. The original is sealed. */
export interface DeadLetter {
  /** Derived from the content or the log position: a repeat has the same. */
  readonly deadLetterId: string;
  /** Where it failed. */
  readonly stage: Stage;
  /** Interface it came by. */
  readonly source: string;
  /** Operation of that interface. */
  readonly operation: string;
  /** Stable code of the reason. */
  readonly reasonCode: string;
  /** A sentence for a person; never a value. */
  readonly explanation: string;
  /** Fields at fault. */
  readonly errors: readonly FieldError[];
  /** When the edge received it, UTC. (epoch ms) */
  readonly receivedAt: number;
  /** When it failed, UTC. (epoch ms) */
  readonly failedAt: number;
  /** Media type of the original. */
  readonly contentType?: string | undefined;
  /** Transport headers worth keeping. */
  readonly headers: Readonly<Record<string, string>>;
  /** The original, as a JWE. */
  readonly original?: string | undefined;
  /** Where it lay, when it came from the log. */
  readonly origin?: LogPosition | undefined;
}

/** A dead letter was sent through again. */
export interface DeadLetterRedriven {
  /** The dead letter. */
  readonly deadLetterId: string;
  /** When, UTC. (epoch ms) */
  readonly redrivenAt: number;
  /** Whether it went in this time. */
  readonly accepted: boolean;
  /** Why not. */
  readonly reasonCode?: string | undefined;
  /** The new receipt. */
  readonly inboundId?: string | undefined;
}

/** Where it failed. */
export type Stage = 'UNKNOWN' | 'EDGE' | 'NORMALIZER' | 'LIFECYCLE' | 'PROJECTOR' | 'NOTIFIER';
export const stageSymbols = ['UNKNOWN', 'EDGE', 'NORMALIZER', 'LIFECYCLE', 'PROJECTOR', 'NOTIFIER'] as const satisfies readonly Stage[];

/** One thing that happened to one token, as a source reported it. */
export interface TokenFact {
  /** Derived from the source's own message identity: a repeat has the same. */
  readonly factId: string;
  /** The token; also the record key. */
  readonly tokenId: string;
  /** Token service provider. */
  readonly network: Network;
  /** What is asserted. */
  readonly kind: FactKind;
  /** When it happened at the network, UTC. (epoch ms) */
  readonly occurredAt: number;
  /** SOURCE, or RECEIVED where the source gives no time. */
  readonly occurredAtSource: TimeSource;
  /** When the edge took it in, UTC. (epoch ms) */
  readonly receivedAt: number;
  /** Which interface reported it, for example thredd-ehi. */
  readonly source: string;
  /** The source's id of the message. */
  readonly sourceMessageId: string;
  /** Who caused it. */
  readonly actor: Party;
  /** Status the source claims for the token. */
  readonly reportedStatus?: TokenStatus | undefined;
  /** Whole set of suspenders, where the source sends the set. */
  readonly suspenders?: readonly Party[] | undefined;
  /** Answer to the request. */
  readonly decision?: Decision | undefined;
  /** Source's response code (DE 39). */
  readonly responseCode?: string | undefined;
  /** Source's reason code. */
  readonly reasonCode?: string | undefined;
  /** Where the token lives. */
  readonly tokenType?: TokenType | undefined;
  /** Wallet or merchant programme. */
  readonly wallet?: string | undefined;
  /** Network's id of the token requestor. */
  readonly tokenRequestorId?: string | undefined;
  /** Device reported. */
  readonly device?: Device | undefined;
  /** Network's id of the binding the fact is about: deviceIndex of VTS, bindId of MDES. */
  readonly bindingId?: string | undefined;
  /** Whether the token is gone from its wallet, without a word on its status. */
  readonly removedFromWallet?: boolean | undefined;
  /** Funding card. */
  readonly card?: Card | undefined;
  /** Expiry of the token, YYYY-MM-DD. */
  readonly tokenExpiry?: string | undefined;
  /** Names this message used for the token. */
  readonly aliases: readonly Alias[];
  /** Activation code, sealed. */
  readonly activation?: Activation | undefined;
  /** Number of the token itself (DPAN), as a JWE. */
  readonly tokenPanSealed?: string | undefined;
  /** For TOKENS_MERGED: the surviving token. For FACTS_ABSORBED: the absorbed one. */
  readonly otherTokenId?: string | undefined;
  /** For FACTS_ABSORBED: the absorbed token's completion was already announced. */
  readonly completionAnnounced?: boolean | undefined;
  /** For DEADLINE_PASSED: which. Without it, the 30 days after which an unfinished provisioning is given up. */
  readonly deadline?: Deadline | undefined;
}

/** A source's message as the edge took it in: clear values that are safe, everything else sealed. */
export interface InboundMessage {
  /** Id of this receipt. */
  readonly inboundId: string;
  /** Interface it came by, for example thredd-ehi. */
  readonly source: string;
  /** Operation of that interface. */
  readonly operation: string;
  /** When the edge received it, UTC. (epoch ms) */
  readonly receivedAt: number;
  /** Authenticated sender. */
  readonly sender?: string | undefined;
  /** Media type of the original. */
  readonly contentType?: string | undefined;
  /** Transport headers worth keeping. */
  readonly headers: Readonly<Record<string, string>>;
  /** Values that may travel in clear, by the source's own field names, as text. */
  readonly fields: Readonly<Record<string, string>>;
  /** Sensitive values by field name, each a JWE. */
  readonly sealed: Readonly<Record<string, string>>;
  /** The whole message as received, as a JWE. */
  readonly original?: string | undefined;
  /** Dead letter this message was redriven from. */
  readonly redriveOf?: string | undefined;
}

/** The cardholder waits for an activation code. Published for every fact that tells of one, whatever it does to the token's state; readers know a repeat by its factId. The code is not on this log. */
export interface ActivationCodeIssued {
  /** Derived from the position of the fact in token.facts: a repeat has the same. */
  readonly eventId: string;
  /** The token; also the record key. */
  readonly tokenId: string;
  /** Version of the token's published state this event belongs to. */
  readonly version: number;
  /** When the cause happened at the network, UTC. (epoch ms) */
  readonly occurredAt: number;
  /** When the edge received the cause, UTC. (epoch ms) */
  readonly recordedAt: number;
  /** The fact that caused it. */
  readonly factId: string;
  /** Kind of that fact. */
  readonly factKind: FactKind;
  /** Interface that reported the fact. */
  readonly source: string;
  /** Who caused it. */
  readonly actor: Party;
  /** Source's reason code. */
  readonly reasonCode?: string | undefined;
  /** Where the fact lies; the watermark for idempotent readers. */
  readonly cause: LogPosition;
  /** Token service provider. */
  readonly network?: Network | undefined;
  /** Where the token lives. */
  readonly tokenType?: TokenType | undefined;
  /** Wallet or merchant programme. */
  readonly wallet?: string | undefined;
  /** Network's id of the token requestor. */
  readonly tokenRequestorId?: string | undefined;
  /** Device the token lives on. */
  readonly device?: Device | undefined;
  /** Funding card. */
  readonly card?: Card | undefined;
  /** Delivery method the cardholder chose: SMS, EMAIL, APP … */
  readonly method?: string | undefined;
  /** When the code lapses, as its source states it, UTC. (epoch ms) */
  readonly expiresAt?: number | undefined;
}

/** A deadline has passed and what it waited for has not happened. Published once for each deadline, by the fold of the fact that says so. */
export interface DeadlinePassed {
  /** Derived from the position of the fact in token.facts: a repeat has the same. */
  readonly eventId: string;
  /** The token; also the record key. */
  readonly tokenId: string;
  /** Version of the token's published state this event belongs to. */
  readonly version: number;
  /** When the cause happened at the network, UTC. (epoch ms) */
  readonly occurredAt: number;
  /** When the edge received the cause, UTC. (epoch ms) */
  readonly recordedAt: number;
  /** The fact that caused it. */
  readonly factId: string;
  /** Kind of that fact. */
  readonly factKind: FactKind;
  /** Interface that reported the fact. */
  readonly source: string;
  /** Who caused it. */
  readonly actor: Party;
  /** Source's reason code. */
  readonly reasonCode?: string | undefined;
  /** Where the fact lies; the watermark for idempotent readers. */
  readonly cause: LogPosition;
  /** Token service provider. */
  readonly network?: Network | undefined;
  /** Where the token lives. */
  readonly tokenType?: TokenType | undefined;
  /** Wallet or merchant programme. */
  readonly wallet?: string | undefined;
  /** Network's id of the token requestor. */
  readonly tokenRequestorId?: string | undefined;
  /** Device the token lives on. */
  readonly device?: Device | undefined;
  /** Funding card. */
  readonly card?: Card | undefined;
  /** Which deadline. */
  readonly deadline: Deadline;
}

/** A fact was set aside, and why. */
export interface FactIgnored {
  /** Derived from the position of the fact in token.facts: a repeat has the same. */
  readonly eventId: string;
  /** The token; also the record key. */
  readonly tokenId: string;
  /** Version of the token's published state this event belongs to. */
  readonly version: number;
  /** When the cause happened at the network, UTC. (epoch ms) */
  readonly occurredAt: number;
  /** When the edge received the cause, UTC. (epoch ms) */
  readonly recordedAt: number;
  /** The fact that caused it. */
  readonly factId: string;
  /** Kind of that fact. */
  readonly factKind: FactKind;
  /** Interface that reported the fact. */
  readonly source: string;
  /** Who caused it. */
  readonly actor: Party;
  /** Source's reason code. */
  readonly reasonCode?: string | undefined;
  /** Where the fact lies; the watermark for idempotent readers. */
  readonly cause: LogPosition;
  /** Why. */
  readonly reason: IgnoredReason;
  /** A sentence for a person. */
  readonly explanation: string;
}

/** A fact was taken in and changed nothing that is published. */
export interface FactNoted {
  /** Derived from the position of the fact in token.facts: a repeat has the same. */
  readonly eventId: string;
  /** The token; also the record key. */
  readonly tokenId: string;
  /** Version of the token's published state this event belongs to. */
  readonly version: number;
  /** When the cause happened at the network, UTC. (epoch ms) */
  readonly occurredAt: number;
  /** When the edge received the cause, UTC. (epoch ms) */
  readonly recordedAt: number;
  /** The fact that caused it. */
  readonly factId: string;
  /** Kind of that fact. */
  readonly factKind: FactKind;
  /** Interface that reported the fact. */
  readonly source: string;
  /** Who caused it. */
  readonly actor: Party;
  /** Source's reason code. */
  readonly reasonCode?: string | undefined;
  /** Where the fact lies; the watermark for idempotent readers. */
  readonly cause: LogPosition;
  /** The fact arrived after a newer one. */
  readonly late: boolean;
}

/** Why a fact was set aside. */
export type IgnoredReason = 'UNKNOWN' | 'REPEAT' | 'ILLEGAL' | 'LATE' | 'BEYOND_HORIZON' | 'MERGED';
export const ignoredReasonSymbols = ['UNKNOWN', 'REPEAT', 'ILLEGAL', 'LATE', 'BEYOND_HORIZON', 'MERGED'] as const satisfies readonly IgnoredReason[];

/** Provisioning and activation are both done. Published once per token and never taken back. */
export interface ProvisioningCompleted {
  /** Derived from the position of the fact in token.facts: a repeat has the same. */
  readonly eventId: string;
  /** The token; also the record key. */
  readonly tokenId: string;
  /** Version of the token's published state this event belongs to. */
  readonly version: number;
  /** When the cause happened at the network, UTC. (epoch ms) */
  readonly occurredAt: number;
  /** When the edge received the cause, UTC. (epoch ms) */
  readonly recordedAt: number;
  /** The fact that caused it. */
  readonly factId: string;
  /** Kind of that fact. */
  readonly factKind: FactKind;
  /** Interface that reported the fact. */
  readonly source: string;
  /** Who caused it. */
  readonly actor: Party;
  /** Source's reason code. */
  readonly reasonCode?: string | undefined;
  /** Where the fact lies; the watermark for idempotent readers. */
  readonly cause: LogPosition;
  /** Token service provider. */
  readonly network?: Network | undefined;
  /** Colour of the decision. */
  readonly path?: ProvisioningPath | undefined;
  /** Where the token lives. */
  readonly tokenType?: TokenType | undefined;
  /** Wallet or merchant programme. */
  readonly wallet?: string | undefined;
  /** Network's id of the token requestor. */
  readonly tokenRequestorId?: string | undefined;
  /** Device the token lives on. */
  readonly device?: Device | undefined;
  /** Funding card. */
  readonly card?: Card | undefined;
  /** When the last of provisioning and activation happened, UTC. (epoch ms) */
  readonly completedAt: number;
}

/** The published state of a token changed. */
export interface TokenChanged {
  /** Derived from the position of the fact in token.facts: a repeat has the same. */
  readonly eventId: string;
  /** The token; also the record key. */
  readonly tokenId: string;
  /** Version of the token's published state this event belongs to. */
  readonly version: number;
  /** When the cause happened at the network, UTC. (epoch ms) */
  readonly occurredAt: number;
  /** When the edge received the cause, UTC. (epoch ms) */
  readonly recordedAt: number;
  /** The fact that caused it. */
  readonly factId: string;
  /** Kind of that fact. */
  readonly factKind: FactKind;
  /** Interface that reported the fact. */
  readonly source: string;
  /** Who caused it. */
  readonly actor: Party;
  /** Source's reason code. */
  readonly reasonCode?: string | undefined;
  /** Where the fact lies; the watermark for idempotent readers. */
  readonly cause: LogPosition;
  /** The fact arrived after a newer one. */
  readonly late: boolean;
  /** What changed. */
  readonly changes: readonly FieldChange[];
  /** The whole state after the change. */
  readonly state: TokenState;
}

/** This token turned out to be another; its facts have gone there. */
export interface TokenMerged {
  /** Derived from the position of the fact in token.facts: a repeat has the same. */
  readonly eventId: string;
  /** The token; also the record key. */
  readonly tokenId: string;
  /** Version of the token's published state this event belongs to. */
  readonly version: number;
  /** When the cause happened at the network, UTC. (epoch ms) */
  readonly occurredAt: number;
  /** When the edge received the cause, UTC. (epoch ms) */
  readonly recordedAt: number;
  /** The fact that caused it. */
  readonly factId: string;
  /** Kind of that fact. */
  readonly factKind: FactKind;
  /** Interface that reported the fact. */
  readonly source: string;
  /** Who caused it. */
  readonly actor: Party;
  /** Source's reason code. */
  readonly reasonCode?: string | undefined;
  /** Where the fact lies; the watermark for idempotent readers. */
  readonly cause: LogPosition;
  /** The surviving token. */
  readonly intoTokenId: string;
}

/** Internal: what the fold needs to know of one token. */
export interface StoredToken {
  /** The token; also the record key. */
  readonly tokenId: string;
  /** Facts in compact form: no sealed values. */
  readonly facts: readonly TokenFact[];
  /** Version last published. */
  readonly version: number;
  /** ProvisioningCompleted has been published. */
  readonly completionAnnounced: boolean;
  /** The token this one turned out to be. */
  readonly mergedInto?: string | undefined;
  /** Position of the newest fact folded in. */
  readonly lastFact: LogPosition;
}

/** An activation code on its way to the cardholder. Both values are sealed. */
export interface Activation {
  /** Delivery method: SMS, EMAIL, APP … */
  readonly method?: string | undefined;
  /** The code, as a JWE. */
  readonly codeSealed?: string | undefined;
  /** Phone number or e-mail address, as a JWE. */
  readonly contactSealed?: string | undefined;
  /** When the code lapses. (epoch ms) */
  readonly expiresAt?: number | undefined;
}

/** One name of a token, as a source uses it. */
export interface Alias {
  /** Kind of name, for example threddPaymentTokenId. */
  readonly kind: string;
  /** The name, in its canonical spelling. */
  readonly value: string;
}

/** The funding card, without its number. */
export interface Card {
  /** Keyed or issuer reference of the card, never its number. */
  readonly ref: string;
  /** Last four digits, when a source gave a number. */
  readonly last4?: string | undefined;
}

/** A moment by which something should have happened to a token. */
export interface Deadline {
  /** What was waited for. */
  readonly purpose: DeadlinePurpose;
  /** When the waiting began: the request, or the completion. (epoch ms) */
  readonly since: number;
  /** When it passed. (epoch ms) */
  readonly dueAt: number;
}

/** What a passed deadline was waiting for. */
export type DeadlinePurpose = 'UNKNOWN' | 'PROVISIONING_UNFINISHED' | 'TOKEN_UNUSED' | 'TOKEN_ABANDONED';
export const deadlinePurposeSymbols = ['UNKNOWN', 'PROVISIONING_UNFINISHED', 'TOKEN_UNUSED', 'TOKEN_ABANDONED'] as const satisfies readonly DeadlinePurpose[];

/** Answer given to a token activation request (DE 39: 00, 85, other). */
export type Decision = 'UNKNOWN' | 'APPROVED' | 'AUTHENTICATE' | 'DECLINED';
export const decisionSymbols = ['UNKNOWN', 'APPROVED', 'AUTHENTICATE', 'DECLINED'] as const satisfies readonly Decision[];

/** The device or account a token is bound to. */
export interface Device {
  /** Secure element id or wallet-chosen id. */
  readonly id?: string | undefined;
  /** Name the wallet reports; may be personal. */
  readonly name?: string | undefined;
  /** Form factor, for example PHONE or WATCH. */
  readonly type?: string | undefined;
}

/** A device, browser or authenticator bound to a token. A state of its own, apart from the token's status and from the device the token lives on. */
export interface DeviceBinding {
  /** Network's id of the binding: deviceIndex of VTS, bindId of MDES. */
  readonly bindingId?: string | undefined;
  /** What is bound, as far as the network tells. */
  readonly device?: Device | undefined;
  /** When it was last bound, UTC. (epoch ms) */
  readonly boundAt: number;
}

/** What a fact asserts. */
export type FactKind = 'UNKNOWN' | 'PROVISIONING_REQUESTED' | 'ACTIVATION_CODE_ISSUED' | 'TOKEN_CREATED' | 'DEVICE_PROVISIONED' | 'AUTHENTICATION_SUCCEEDED' | 'AUTHENTICATION_FAILED' | 'STATUS_REPORTED' | 'TOKEN_SUSPENDED' | 'TOKEN_RESUMED' | 'TOKEN_DELETED' | 'TOKEN_REPLACED' | 'TOKEN_UPDATED' | 'DEVICE_BOUND' | 'DEVICE_UNBOUND' | 'CARDHOLDER_VERIFIED' | 'NOTED' | 'TOKENS_MERGED' | 'FACTS_ABSORBED' | 'DEADLINE_PASSED' | 'TOKEN_USED';
export const factKindSymbols = ['UNKNOWN', 'PROVISIONING_REQUESTED', 'ACTIVATION_CODE_ISSUED', 'TOKEN_CREATED', 'DEVICE_PROVISIONED', 'AUTHENTICATION_SUCCEEDED', 'AUTHENTICATION_FAILED', 'STATUS_REPORTED', 'TOKEN_SUSPENDED', 'TOKEN_RESUMED', 'TOKEN_DELETED', 'TOKEN_REPLACED', 'TOKEN_UPDATED', 'DEVICE_BOUND', 'DEVICE_UNBOUND', 'CARDHOLDER_VERIFIED', 'NOTED', 'TOKENS_MERGED', 'FACTS_ABSORBED', 'DEADLINE_PASSED', 'TOKEN_USED'] as const satisfies readonly FactKind[];

/** One field of a token's state before and after. */
export interface FieldChange {
  /** Dotted name of the field. */
  readonly field: string;
  /** Value before, as text. */
  readonly from?: string | undefined;
  /** Value after, as text. */
  readonly to?: string | undefined;
}

/** One fault in a message. */
export interface FieldError {
  /** The field at fault, as the source names it. */
  readonly path: string;
  /** What is wrong; never the value. */
  readonly message: string;
}

/** A place in a Kafka topic. */
export interface LogPosition {
  /** Topic without prefix. */
  readonly topic: string;
  /** Partition. */
  readonly partition: number;
  /** Offset. */
  readonly offset: number;
}

/** Token service provider that issued the token. */
export type Network = 'UNKNOWN' | 'MDES' | 'VTS';
export const networkSymbols = ['UNKNOWN', 'MDES', 'VTS'] as const satisfies readonly Network[];

/** Who acted on a token, or holds it suspended. */
export type Party = 'UNKNOWN' | 'CARDHOLDER' | 'ISSUER' | 'TOKEN_REQUESTOR' | 'NETWORK' | 'PROCESSOR' | 'TOKENLINE';
export const partySymbols = ['UNKNOWN', 'CARDHOLDER', 'ISSUER', 'TOKEN_REQUESTOR', 'NETWORK', 'PROCESSOR', 'TOKENLINE'] as const satisfies readonly Party[];

/** Provisioning of one token. */
export interface Provisioning {
  /** How far it came. */
  readonly outcome?: ProvisioningOutcome | undefined;
  /** Colour of the decision. */
  readonly path?: ProvisioningPath | undefined;
  /** When it was asked for. (epoch ms) */
  readonly requestedAt?: number | undefined;
  /** When the token reached the device. (epoch ms) */
  readonly onDeviceAt?: number | undefined;
  /** When it first became active. (epoch ms) */
  readonly activatedAt?: number | undefined;
  /** When provisioning and activation were both done. (epoch ms) */
  readonly completedAt?: number | undefined;
}

/** How far a provisioning came. */
export type ProvisioningOutcome = 'UNKNOWN' | 'REQUESTED' | 'AWAITING_AUTHENTICATION' | 'AUTHENTICATED' | 'COMPLETED' | 'DECLINED' | 'FAILED' | 'ABANDONED';
export const provisioningOutcomeSymbols = ['UNKNOWN', 'REQUESTED', 'AWAITING_AUTHENTICATION', 'AUTHENTICATED', 'COMPLETED', 'DECLINED', 'FAILED', 'ABANDONED'] as const satisfies readonly ProvisioningOutcome[];

/** Colour of the decision on the request. */
export type ProvisioningPath = 'UNKNOWN' | 'GREEN' | 'YELLOW' | 'ORANGE' | 'RED';
export const provisioningPathSymbols = ['UNKNOWN', 'GREEN', 'YELLOW', 'ORANGE', 'RED'] as const satisfies readonly ProvisioningPath[];

/** Whose clock an event time comes from. */
export type TimeSource = 'UNKNOWN' | 'SOURCE' | 'RECEIVED';
export const timeSourceSymbols = ['UNKNOWN', 'SOURCE', 'RECEIVED'] as const satisfies readonly TimeSource[];

/** Usability of a token. DELETED is final. */
export type TokenStatus = 'UNKNOWN' | 'INACTIVE' | 'ACTIVE' | 'SUSPENDED' | 'DELETED';
export const tokenStatusSymbols = ['UNKNOWN', 'INACTIVE', 'ACTIVE', 'SUSPENDED', 'DELETED'] as const satisfies readonly TokenStatus[];

/** Where the token lives. */
export type TokenType = 'UNKNOWN' | 'SECURE_ELEMENT' | 'HCE' | 'CARD_ON_FILE' | 'BROWSER' | 'OTHER';
export const tokenTypeSymbols = ['UNKNOWN', 'SECURE_ELEMENT', 'HCE', 'CARD_ON_FILE', 'BROWSER', 'OTHER'] as const satisfies readonly TokenType[];

/** The public snapshot of one token: a pure function of the set of facts known about it. */
export interface TokenState {
  /** Tokenline's id of the token. */
  readonly tokenId: string;
  /** Token service provider. */
  readonly network?: Network | undefined;
  /** Present status. */
  readonly status: TokenStatus;
  /** Parties holding the token down. */
  readonly suspendedBy: readonly Party[];
  /** Provisioning so far. */
  readonly provisioning: Provisioning;
  /** Where the token lives. */
  readonly tokenType?: TokenType | undefined;
  /** Wallet or merchant programme, for example APPLE. */
  readonly wallet?: string | undefined;
  /** Network's id of the token requestor. */
  readonly tokenRequestorId?: string | undefined;
  /** Device the token lives on. */
  readonly device?: Device | undefined;
  /** Devices bound to the token, in the order they were bound. */
  readonly bindings: readonly DeviceBinding[];
  /** When the token was removed from its wallet, unless it has been put there again since, UTC. It may live on at the network. (epoch ms) */
  readonly removedFromWalletAt?: number | undefined;
  /** Funding card. */
  readonly card?: Card | undefined;
  /** Every name seen for the token. */
  readonly aliases: readonly Alias[];
  /** Expiry of the token, YYYY-MM-DD. */
  readonly tokenExpiry?: string | undefined;
  /** The token this one turned out to be. */
  readonly mergedInto?: string | undefined;
  /** Number of published changes of this token, without gaps. */
  readonly version: number;
  /** When the newest fact that shaped this state happened. (epoch ms) */
  readonly updatedAt: number;
  /** First purchase made with the token, as far as purchases are reported. (epoch ms) */
  readonly firstUsedAt?: number | undefined;
}

/** The records that travel on topics, by full name. */
export interface TopicRecords {
  'tokenline.cardholder.CardholderMessage': CardholderMessage;
  'tokenline.cardholder.DeliveryReceipt': DeliveryReceipt;
  'tokenline.lifecyclestore.StoredToken': StoredToken;
  'tokenline.deadletters.DeadLetter': DeadLetter;
  'tokenline.deadletters.DeadLetterRedriven': DeadLetterRedriven;
  'tokenline.facts.TokenFact': TokenFact;
  'tokenline.lifecycle.ActivationCodeIssued': ActivationCodeIssued;
  'tokenline.lifecycle.DeadlinePassed': DeadlinePassed;
  'tokenline.lifecycle.FactIgnored': FactIgnored;
  'tokenline.lifecycle.FactNoted': FactNoted;
  'tokenline.lifecycle.ProvisioningCompleted': ProvisioningCompleted;
  'tokenline.lifecycle.TokenChanged': TokenChanged;
  'tokenline.lifecycle.TokenMerged': TokenMerged;
  'tokenline.state.TokenState': TokenState;
  'tokenline.inbound.InboundMessage': InboundMessage;
}
