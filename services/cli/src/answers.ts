/** The query door's JSON as the contract states it; only what the command line shows. Absent values are left out. */

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}

export interface Token {
  readonly tokenId: string;
  readonly network?: string;
  readonly status: string;
  readonly suspendedBy: readonly string[];
  readonly provisioning: {
    readonly outcome?: string;
    readonly path?: string;
    readonly requestedAt?: string;
    readonly onDeviceAt?: string;
    readonly activatedAt?: string;
    readonly completedAt?: string;
  };
  readonly tokenType?: string;
  readonly wallet?: string;
  readonly tokenRequestorId?: string;
  readonly device?: { readonly id?: string; readonly name?: string; readonly type?: string };
  readonly bindings?: readonly {
    readonly bindingId?: string;
    readonly device?: { readonly id?: string; readonly name?: string; readonly type?: string };
    readonly boundAt: string;
  }[];
  readonly removedFromWalletAt?: string;
  readonly card?: { readonly ref: string; readonly last4?: string };
  readonly aliases: readonly { readonly kind: string; readonly value: string }[];
  readonly tokenExpiry?: string;
  readonly firstUsedAt?: string;
  readonly mergedInto?: string;
  readonly version: number;
  readonly updatedAt: string;
}

export interface TimelineEntry {
  readonly at: string;
  readonly recordedAt: string;
  readonly event: string;
  readonly factKind: string;
  readonly source: string;
  readonly actor: string;
  readonly version: number;
  readonly reasonCode?: string;
  readonly late?: boolean;
  readonly changes?: readonly { readonly field: string; readonly from?: string; readonly to?: string }[];
  readonly reason?: string;
  readonly explanation?: string;
  readonly deadline?: { readonly purpose: string; readonly since: string; readonly dueAt: string };
}

export interface Notice {
  readonly noticeId: string;
  readonly tokenId: string;
  readonly kind: string;
  readonly state: string;
  readonly dueAt: string;
  readonly deadlineAt?: string;
  readonly sentAt?: string;
  readonly deliveredAt?: string;
  readonly outcome: string | null;
  readonly channel?: string;
  readonly attempts: readonly {
    readonly at: string;
    readonly channel: string;
    readonly outcome: string;
    readonly reason?: string;
  }[];
  readonly reason?: string;
}

export interface DeadLetter {
  readonly deadLetterId: string;
  readonly stage: string;
  readonly source: string;
  readonly operation: string;
  readonly reasonCode: string;
  readonly explanation: string;
  readonly errors: readonly { readonly path: string; readonly message: string }[];
  readonly receivedAt: string;
  readonly failedAt: string;
  readonly state: string;
  readonly occurrences: number;
  readonly redrivenAt?: string;
  readonly redriveReason?: string;
  /** Sealed; only where one dead letter is asked for. */
  readonly original?: string;
}

/** Dead letters in the summary. */
export interface LetterCounts {
  readonly deadLetters: {
    readonly total: number;
    readonly open: number;
    readonly bySource: readonly {
      readonly source: string;
      readonly stage: string;
      readonly reasonCode: string;
      readonly open: number;
      readonly redriven: number;
    }[];
  };
}

/** Names a token can be asked for by (contract, Query door). */
export const aliasKinds = [
  'threddPaymentTokenId',
  'tokenUniqueReference',
  'tokenReferenceId',
  'correlationId',
  'lifecycleTraceId',
] as const;
