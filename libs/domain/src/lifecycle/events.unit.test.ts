import { describe, expect, it } from 'vitest';
import type { TokenFact } from '../generated/records.js';
import { lifeEvents } from './events.js';
import { fact, noon } from './given.js';

const at = noon + 7_000;
const type = (name: string) => ({ type: name, at });
const issuer = { actor: 'ISSUER' } as const;
const suspenders = ['CARDHOLDER', 'ISSUER'] as const;
const set = { type: 'SUSPENDERS_REPORTED', at, parties: suspenders };

/** A fact, what more it says, and what that means to the machine. */
const meanings: readonly [TokenFact['kind'], Partial<TokenFact>, readonly object[]][] = [
  ['PROVISIONING_REQUESTED', { decision: 'APPROVED' }, [type('REQUEST_APPROVED')]],
  ['PROVISIONING_REQUESTED', { decision: 'AUTHENTICATE' }, [type('REQUEST_NEEDS_AUTHENTICATION')]],
  ['PROVISIONING_REQUESTED', { decision: 'DECLINED' }, [type('REQUEST_DECLINED')]],
  ['PROVISIONING_REQUESTED', { reportedStatus: 'ACTIVE' }, []],
  ['ACTIVATION_CODE_ISSUED', {}, [type('CODE_ISSUED')]],
  ['ACTIVATION_CODE_ISSUED', { reportedStatus: 'INACTIVE' }, [type('CODE_ISSUED'), type('REPORTED_INACTIVE')]],
  ['DEVICE_PROVISIONED', {}, [type('PROVISIONED_ON_DEVICE')]],
  ['DEVICE_PROVISIONED', { reportedStatus: 'ACTIVE' }, [type('PROVISIONED_ON_DEVICE'), type('REPORTED_ACTIVE')]],
  ['DEVICE_PROVISIONED', { network: 'MDES' }, [type('PROVISIONED_ON_DEVICE'), type('REPORTED_ACTIVE')]],
  [
    'DEVICE_PROVISIONED',
    { network: 'MDES', reportedStatus: 'INACTIVE' },
    [type('PROVISIONED_ON_DEVICE'), type('REPORTED_INACTIVE')],
  ],
  ['DEVICE_PROVISIONED', { tokenType: undefined }, [type('PROVISIONED_ON_DEVICE')]],
  ['DEVICE_PROVISIONED', { tokenType: 'CARD_ON_FILE', reportedStatus: 'ACTIVE' }, [type('REPORTED_ACTIVE')]],
  ['DEVICE_PROVISIONED', { tokenType: 'BROWSER' }, []],
  ['AUTHENTICATION_SUCCEEDED', { reportedStatus: 'ACTIVE' }, [type('AUTHENTICATED'), type('REPORTED_ACTIVE')]],
  ['AUTHENTICATION_FAILED', { reportedStatus: 'INACTIVE' }, [type('AUTHENTICATION_FAILED'), type('REPORTED_INACTIVE')]],
  ['TOKEN_SUSPENDED', issuer, [{ type: 'SUSPENDED_BY', at, party: 'ISSUER' }]],
  ['TOKEN_SUSPENDED', { ...issuer, suspenders }, [set]],
  ['TOKEN_RESUMED', issuer, [{ type: 'RESUMED_BY', at, party: 'ISSUER' }]],
  [
    'TOKEN_RESUMED',
    { ...issuer, reportedStatus: 'SUSPENDED' },
    [{ type: 'RESUMED_BY', at, party: 'ISSUER' }, type('REPORTED_SUSPENDED')],
  ],
  ['TOKEN_RESUMED', { ...issuer, reportedStatus: 'ACTIVE' }, [type('REPORTED_ACTIVE')]],
  ['TOKEN_RESUMED', { ...issuer, suspenders }, [set]],
  ['TOKEN_DELETED', { reportedStatus: 'ACTIVE' }, [type('DELETED')]],
  ['STATUS_REPORTED', { ...issuer, reportedStatus: 'SUSPENDED' }, [{ type: 'SUSPENDED_BY', at, party: 'ISSUER' }]],
  ['STATUS_REPORTED', { ...issuer, reportedStatus: 'SUSPENDED', suspenders }, [set]],
  ['STATUS_REPORTED', { reportedStatus: 'ACTIVE' }, [type('REPORTED_ACTIVE')]],
  ['STATUS_REPORTED', { reportedStatus: 'DELETED' }, [type('DELETED')]],
  ['STATUS_REPORTED', { reportedStatus: 'UNKNOWN' }, []],
  ['STATUS_REPORTED', {}, []],
  ['TOKEN_CREATED', { reportedStatus: 'INACTIVE' }, [type('REPORTED_INACTIVE')]],
  ['TOKEN_REPLACED', { reportedStatus: 'SUSPENDED' }, [type('REPORTED_SUSPENDED')]],
  ['TOKEN_UPDATED', { reportedStatus: 'ACTIVE' }, [type('REPORTED_ACTIVE')]],
  ['DEADLINE_PASSED', {}, [type('ABANDONED')]],
  ['DEADLINE_PASSED', { deadline: { purpose: 'TOKEN_ABANDONED', since: 0, dueAt: 1 } }, [type('ABANDONED')]],
  ['DEADLINE_PASSED', { deadline: { purpose: 'PROVISIONING_UNFINISHED', since: 0, dueAt: 1 } }, []],
  ['DEADLINE_PASSED', { deadline: { purpose: 'TOKEN_UNUSED', since: 0, dueAt: 1 } }, []],
  ['DEADLINE_PASSED', { deadline: { purpose: 'UNKNOWN', since: 0, dueAt: 1 } }, []],
  ['TOKEN_USED', { reportedStatus: 'ACTIVE' }, []],
  ['DEVICE_BOUND', { reportedStatus: 'ACTIVE' }, []],
  ['DEVICE_UNBOUND', { reportedStatus: 'ACTIVE' }, []],
  ['CARDHOLDER_VERIFIED', { reportedStatus: 'ACTIVE' }, []],
  ['NOTED', { reportedStatus: 'ACTIVE' }, []],
  ['TOKENS_MERGED', { reportedStatus: 'ACTIVE' }, []],
  ['FACTS_ABSORBED', { reportedStatus: 'ACTIVE' }, []],
  ['UNKNOWN', { reportedStatus: 'ACTIVE' }, []],
];

describe('what a fact means to the life of a token', () => {
  it.each(meanings)('%s %j', (kind, extra, events) => {
    expect(lifeEvents(fact(kind, 7, extra))).toEqual(events);
  });
});
