/** What a fact means to the machine: one to three events, in order. */
import type { TokenFact } from '../generated/records.js';
import type { LifeEvent } from './machine.js';

/** Tokens that live on a device: the ones a TCN reports and a completion notice is due for (visa-vts-and-thredd-ehi.md 5.4). */
export function livesOnDevice(tokenType: TokenFact['tokenType']): boolean {
  return tokenType !== 'CARD_ON_FILE' && tokenType !== 'BROWSER';
}

/**
 * The machine's events for a fact; none for a fact that only tells attributes.
 * Not read as a status: what a request carries (it precedes the token), device bindings and cardholder verifications
 * (visa-vts-and-thredd-ehi.md 9.11: binding must not drive the token's state).
 */
export function lifeEvents(fact: TokenFact): readonly LifeEvent[] {
  const at = fact.occurredAt;
  switch (fact.kind) {
    case 'PROVISIONING_REQUESTED':
      switch (fact.decision) {
        case 'APPROVED':
          return [{ type: 'REQUEST_APPROVED', at }];
        case 'AUTHENTICATE':
          return [{ type: 'REQUEST_NEEDS_AUTHENTICATION', at }];
        case 'DECLINED':
          return [{ type: 'REQUEST_DECLINED', at }];
        default:
          return [];
      }
    case 'ACTIVATION_CODE_ISSUED':
      return [{ type: 'CODE_ISSUED', at }, ...reported(fact)];
    case 'DEVICE_PROVISIONED':
      return [
        ...(livesOnDevice(fact.tokenType) ? [{ type: 'PROVISIONED_ON_DEVICE', at } as const] : []),
        // Mastercard's TCN always ends the flow, also when it states no status (seeds/1, 7.5).
        ...(fact.reportedStatus === undefined && fact.network === 'MDES'
          ? [{ type: 'REPORTED_ACTIVE', at } as const]
          : reported(fact)),
      ];
    case 'AUTHENTICATION_SUCCEEDED':
      return [{ type: 'AUTHENTICATED', at }, ...reported(fact)];
    case 'AUTHENTICATION_FAILED':
      return [{ type: 'AUTHENTICATION_FAILED', at }, ...reported(fact)];
    case 'TOKEN_SUSPENDED':
      return fact.suspenders === undefined ? [{ type: 'SUSPENDED_BY', at, party: fact.actor }] : reported(fact);
    case 'TOKEN_RESUMED':
      // The network's word on the status outranks what one party's letting go would give.
      if (fact.suspenders !== undefined || fact.reportedStatus === 'ACTIVE') return reported(fact);
      return [{ type: 'RESUMED_BY', at, party: fact.actor }, ...reported(fact)];
    case 'TOKEN_DELETED':
      return [{ type: 'DELETED', at }];
    case 'STATUS_REPORTED':
      return fact.reportedStatus === 'SUSPENDED' && fact.suspenders === undefined
        ? [{ type: 'SUSPENDED_BY', at, party: fact.actor }]
        : reported(fact);
    case 'TOKEN_CREATED':
    case 'TOKEN_REPLACED':
    case 'TOKEN_UPDATED':
      return reported(fact);
    case 'DEADLINE_PASSED':
      // Facts of before deadlines were named are all of this one.
      return (fact.deadline?.purpose ?? 'TOKEN_ABANDONED') === 'TOKEN_ABANDONED' ? [{ type: 'ABANDONED', at }] : [];
    case 'DEVICE_BOUND':
    case 'DEVICE_UNBOUND':
    case 'CARDHOLDER_VERIFIED':
    case 'TOKEN_USED':
    case 'NOTED':
    case 'TOKENS_MERGED':
    case 'FACTS_ABSORBED':
    case 'UNKNOWN':
      return [];
  }
}

/** The status a source claims, as an event. A whole set of suspenders says more than the word SUSPENDED. */
function reported(fact: TokenFact): readonly LifeEvent[] {
  const at = fact.occurredAt;
  if (fact.suspenders !== undefined) return [{ type: 'SUSPENDERS_REPORTED', at, parties: fact.suspenders }];
  switch (fact.reportedStatus) {
    case 'INACTIVE':
      return [{ type: 'REPORTED_INACTIVE', at }];
    case 'ACTIVE':
      return [{ type: 'REPORTED_ACTIVE', at }];
    case 'SUSPENDED':
      return [{ type: 'REPORTED_SUSPENDED', at }];
    case 'DELETED':
      return [{ type: 'DELETED', at }];
    case 'UNKNOWN':
    case undefined:
      return [];
  }
}
