/**
 * The invariants, each with a code that stays and the sentence it stands for. README.md shows them as a table; a test compares.
 *
 *   log         can be judged from Kafka alone
 *   documents   needs MongoDB as well; without it the verdict is "not checked", and what the log says of it is still judged
 */

export interface Invariant {
  readonly statement: string;
  readonly needs: 'log' | 'documents';
}

export const invariants = {
  LOG_READABLE: {
    needs: 'log',
    statement: 'Every record of our topics can be decoded, or a dead letter says that it cannot.',
  },
  CAUGHT_UP: {
    needs: 'log',
    statement: 'What lay in the log when the look began has been followed through every stage.',
  },
  INBOUND_ANSWERED: {
    needs: 'log',
    statement: 'Every message taken in has become a fact or a dead letter.',
  },
  FACTS_TRACED: {
    needs: 'log',
    statement:
      'Every fact has left its trace in the lifecycle log or a dead letter, and is set aside only for a reason that is true.',
  },
  CAUSES_RISING: {
    needs: 'log',
    statement: 'Lifecycle events follow the facts of their partition in order, each fact once.',
  },
  EVENTS_UNIQUE: { needs: 'log', statement: 'No two lifecycle events share an id.' },
  VERSIONS_GAP_FREE: { needs: 'log', statement: 'The versions of a token count from 1 without a gap.' },
  TRANSITIONS_LEGAL: {
    needs: 'log',
    statement: 'A token moves only as the networks allow; only a late fact tells its past anew.',
  },
  SUSPENDERS_AGREE: { needs: 'log', statement: 'A token is suspended exactly when somebody holds it down.' },
  CHANGES_AGREE: {
    needs: 'log',
    statement: 'What a change says has changed is what differs from the state before it.',
  },
  LATE_MARKED: {
    needs: 'log',
    statement: 'An event is marked late exactly when the token already knew of something newer.',
  },
  COMPLETED_ONCE: {
    needs: 'log',
    statement:
      'A completed token has announced its completion once, itself or by a token that turned out to be it; no other has.',
  },
  STATUS_FOLLOWS_FACTS: {
    needs: 'log',
    statement: 'Status and suspenders are what the facts add up to, by a reckoning that shares no code with the fold.',
  },
  COMPLETION_FOLLOWS_FACTS: {
    needs: 'log',
    statement: 'A token is complete, and since when, by the rules of its network and kind, reckoned without the fold.',
  },
  BINDINGS_FOLLOW_FACTS: {
    needs: 'log',
    statement: 'The devices bound to a token, and since when, are what the facts add up to, reckoned without the fold.',
  },
  FIRST_USE_FOLLOWS_FACTS: {
    needs: 'log',
    statement: 'Since when a token has been used is the time of its earliest purchase, reckoned without the fold.',
  },
  DEADLINES_TRUE: {
    needs: 'log',
    statement: 'That a deadline has passed is told once, where a fact says so, and of a token that still waits.',
  },
  MERGES_COMPLETE: {
    needs: 'log',
    statement:
      'A token that turned out to be another has handed every fact to it, and whether it announced completion.',
  },
  STATE_IS_FOLD: { needs: 'log', statement: 'The last published state of a token is a fresh fold of its facts.' },
  STATE_TOPIC_CURRENT: {
    needs: 'log',
    statement: 'token.state holds the last published state of every token, and none of a merged one.',
  },
  STORE_CURRENT: {
    needs: 'log',
    statement: 'lifecycle.store remembers of every token the facts, version and announcement that the log tells.',
  },
  NAMES_UNSPLIT: {
    needs: 'log',
    statement: 'No strong name stands in the states of two tokens that could be one.',
  },
  NOTHING_SENSITIVE: {
    needs: 'log',
    statement: 'No card number, e-mail address or phone number lies in clear, and what is called sealed is sealed.',
  },
  TOKENS_CURRENT: {
    needs: 'documents',
    statement: 'The tokens documents equal the last published states, version by version.',
  },
  TIMELINE_COMPLETE: {
    needs: 'documents',
    statement: 'The timeline has exactly one entry for every lifecycle event.',
  },
  DEAD_LETTERS_KEPT: {
    needs: 'documents',
    statement:
      'The dead letters read model has one document for every letter, with every occurrence and the state it came to.',
  },
  NOTICES_DUE: {
    needs: 'documents',
    statement:
      'Every completed device token has exactly one completion notice in the ledger and no other token has any, every activation code exactly one notice, unless the issuer’s policy says otherwise; every other notice follows from an event of its kind.',
  },
  NOTICES_IN_TIME: {
    needs: 'documents',
    statement:
      'A completion notice is due within 30 minutes of completion; a notice is called met only when it went out by its deadline, and old news only when it was.',
  },
  NOTICES_TOLD: {
    needs: 'documents',
    statement: 'Every ledger entry has its message on the log, and every one that went out a receipt.',
  },
  NAMES_INDEXED: {
    needs: 'documents',
    statement: 'The alias index leads every strong name to the token whose facts carry it.',
  },
} as const satisfies Record<string, Invariant>;

export type InvariantCode = keyof typeof invariants;
export const invariantCodes = Object.keys(invariants) as InvariantCode[];

/** What a projection must show before it may stand in for the live one. */
export const readModelInvariants = [
  'CAUGHT_UP',
  'TOKENS_CURRENT',
  'TIMELINE_COMPLETE',
  'DEAD_LETTERS_KEPT',
] as const satisfies readonly InvariantCode[];
