import { describe, expect, it } from 'vitest';
import type { TokenType } from '../generated/records.js';
import type { LifeEvent } from './machine.js';
import { begin, type LifeSnapshot, step } from './step.js';

type Simple = Exclude<LifeEvent['type'], 'SUSPENDED_BY' | 'RESUMED_BY' | 'SUSPENDERS_REPORTED'>;
const on = (type: Simple, at = 1): LifeEvent => ({ type, at });
const suspendedBy = (party: 'ISSUER' | 'CARDHOLDER', at = 1): LifeEvent => ({ type: 'SUSPENDED_BY', at, party });
const resumedBy = (party: 'ISSUER' | 'CARDHOLDER', at = 1): LifeEvent => ({ type: 'RESUMED_BY', at, party });
const heldBy = (...parties: ('ISSUER' | 'CARDHOLDER')[]): LifeEvent => ({
  type: 'SUSPENDERS_REPORTED',
  at: 1,
  parties,
});

/** A life that went this way; `tokenType` is that of a device token unless said otherwise. */
function after(events: readonly LifeEvent[], tokenType: TokenType = 'HCE'): LifeSnapshot {
  return events.reduce(step, begin({ tokenType }));
}

/** What an event does in each of some lives, as a row to read: where it leads, `stays` when it is legal and leads nowhere, `·` when not legal. */
function rows(
  events: Readonly<Record<string, LifeEvent>>,
  lives: readonly (readonly LifeEvent[])[],
  show: (life: LifeSnapshot) => string,
): Readonly<Record<string, readonly string[]>> {
  const cells = (event: LifeEvent) =>
    lives.map((way) => {
      const before = after(way);
      const next = step(before, event);
      if (next === before) return '·';
      return show(next) === show(before) ? 'stays' : show(next);
    });
  return Object.fromEntries(Object.entries(events).map(([name, event]) => [name, cells(event)]));
}

describe('the status of a token', () => {
  const lives = {
    inactive: [],
    active: [on('REPORTED_ACTIVE')],
    held: [suspendedBy('ISSUER')],
    heldTwice: [suspendedBy('ISSUER'), suspendedBy('CARDHOLDER')],
    deleted: [on('DELETED')],
    declined: [on('REQUEST_DECLINED')],
  };
  const show = ({ value, context }: LifeSnapshot): string => [value.status, ...context.suspendedBy].join(' ');

  it('changes by these events, and by no others', () => {
    const events = {
      REPORTED_INACTIVE: on('REPORTED_INACTIVE'),
      REPORTED_ACTIVE: on('REPORTED_ACTIVE'),
      REPORTED_SUSPENDED: on('REPORTED_SUSPENDED'),
      'SUSPENDED_BY issuer': suspendedBy('ISSUER'),
      'SUSPENDED_BY cardholder': suspendedBy('CARDHOLDER'),
      'RESUMED_BY issuer': resumedBy('ISSUER'),
      'RESUMED_BY cardholder': resumedBy('CARDHOLDER'),
      'SUSPENDERS_REPORTED cardholder twice': heldBy('CARDHOLDER', 'CARDHOLDER'),
      'SUSPENDERS_REPORTED nobody': heldBy(),
      DELETED: on('DELETED'),
    };
    const both = 'suspended ISSUER CARDHOLDER';
    const [byIssuer, byCardholder] = ['suspended ISSUER', 'suspended CARDHOLDER'];
    expect(Object.keys(lives)).toEqual(['inactive', 'active', 'held', 'heldTwice', 'deleted', 'declined']);
    expect(rows(events, Object.values(lives), show)).toEqual({
      REPORTED_INACTIVE: ['stays', '·', '·', '·', '·', '·'],
      REPORTED_ACTIVE: ['active', 'stays', 'active', 'active', '·', '·'],
      REPORTED_SUSPENDED: ['suspended UNKNOWN', 'suspended UNKNOWN', 'stays', 'stays', '·', '·'],
      'SUSPENDED_BY issuer': [byIssuer, byIssuer, 'stays', 'stays', '·', '·'],
      'SUSPENDED_BY cardholder': [byCardholder, byCardholder, both, 'stays', '·', '·'],
      'RESUMED_BY issuer': ['·', '·', 'active', byCardholder, '·', '·'],
      'RESUMED_BY cardholder': ['·', '·', '·', byIssuer, '·', '·'],
      'SUSPENDERS_REPORTED cardholder twice': [byCardholder, byCardholder, byCardholder, byCardholder, '·', '·'],
      'SUSPENDERS_REPORTED nobody': ['·', 'stays', 'active', 'active', '·', '·'],
      DELETED: ['deleted', 'deleted', 'deleted ISSUER', 'deleted ISSUER CARDHOLDER', '·', '·'],
    });
  });

  it('is active since it first was', () => {
    const life = after([on('REPORTED_ACTIVE', 3), suspendedBy('ISSUER', 5), resumedBy('ISSUER', 9)]);
    expect(life.context).toMatchObject({ activatedAt: 3, suspendedBy: [] });
  });
});

describe('provisioning', () => {
  const lives = {
    unknown: [],
    requested: [on('REQUEST_APPROVED')],
    awaitingAuthentication: [on('REQUEST_NEEDS_AUTHENTICATION')],
    authenticated: [on('AUTHENTICATED')],
    failed: [on('AUTHENTICATION_FAILED')],
    abandoned: [on('ABANDONED')],
    completed: [on('REPORTED_ACTIVE'), on('AUTHENTICATED')],
    declined: [on('REQUEST_DECLINED')],
    'unknown, deleted': [on('DELETED')],
  };
  const show = ({ value }: LifeSnapshot): string => value.provisioning;

  it('changes by these events, and by no others', () => {
    const types = [
      'REQUEST_APPROVED',
      'REQUEST_NEEDS_AUTHENTICATION',
      'REQUEST_DECLINED',
      'CODE_ISSUED',
      'AUTHENTICATED',
      'AUTHENTICATION_FAILED',
      'ABANDONED',
    ] as const;
    const awaits = 'awaitingAuthentication';
    expect(Object.entries(lives).map(([name, way]) => show(after(way)) === name.split(',')[0])).not.toContain(false);
    expect(rows(Object.fromEntries(types.map((type) => [type, on(type)])), Object.values(lives), show)).toEqual({
      REQUEST_APPROVED: ['requested', 'stays', 'requested', '·', 'requested', 'requested', '·', '·', '·'],
      REQUEST_NEEDS_AUTHENTICATION: [awaits, awaits, 'stays', '·', awaits, awaits, '·', '·', '·'],
      REQUEST_DECLINED: ['declined', 'declined', 'declined', '·', 'declined', '·', '·', '·', '·'],
      CODE_ISSUED: [awaits, 'stays', 'stays', 'stays', awaits, 'stays', 'stays', '·', '·'],
      AUTHENTICATED: [
        'authenticated',
        'authenticated',
        'authenticated',
        'stays',
        'authenticated',
        'authenticated',
        'stays',
        '·',
        '·',
      ],
      AUTHENTICATION_FAILED: ['failed', 'failed', 'failed', '·', 'stays', '·', '·', '·', '·'],
      ABANDONED: ['abandoned', 'abandoned', 'abandoned', 'abandoned', 'abandoned', '·', '·', '·', '·'],
    });
  });

  it('ends with the token: nothing is legal after it is deleted, wherever provisioning stood', () => {
    const types = ['REQUEST_APPROVED', 'REQUEST_NEEDS_AUTHENTICATION', 'REQUEST_DECLINED', 'CODE_ISSUED'] as const;
    const all = [...types, 'AUTHENTICATED', 'AUTHENTICATION_FAILED', 'ABANDONED'] as const;
    for (const way of Object.values(lives)) {
      const life = after([...way, on('DELETED')]);
      for (const type of all) expect(step(life, on(type)), type).toBe(life);
    }
  });

  it.each(['requested', 'awaitingAuthentication', 'failed', 'abandoned'] as const)(
    'that is %s goes by the path a further answer says',
    (state) => {
      const life = after(lives[state]);
      expect(step(life, on('REQUEST_APPROVED')).context.path).toBe(state === 'requested' ? life.context.path : 'GREEN');
      expect(step(life, on('REQUEST_NEEDS_AUTHENTICATION')).context.path).toBe('YELLOW');
      if (state !== 'abandoned') expect(step(life, on('REQUEST_DECLINED')).context.path).toBe('RED');
      const requestedAt = life.context.requestedAt ?? 8;
      expect(step(life, on('REQUEST_NEEDS_AUTHENTICATION', 8)).context.requestedAt).toBe(requestedAt);
    },
  );

  it('is not declined once the token has been active: the refusal came for another request', () => {
    for (const way of [
      [],
      [on('REQUEST_APPROVED')],
      [on('REQUEST_NEEDS_AUTHENTICATION')],
      [on('AUTHENTICATION_FAILED')],
    ]) {
      const life = after([...way, on('REPORTED_ACTIVE')]);
      expect(step(life, on('REQUEST_DECLINED'))).toBe(life);
    }
  });

  it('remembers when it was first requested, and by which path it went last', () => {
    const yellow = after([on('REQUEST_APPROVED', 5), on('REQUEST_NEEDS_AUTHENTICATION', 7)]);
    expect(yellow.context).toMatchObject({ path: 'YELLOW', requestedAt: 5 });
    expect(step(yellow, on('REQUEST_APPROVED', 9)).context).toMatchObject({ path: 'GREEN', requestedAt: 5 });
    expect(step(yellow, on('REQUEST_DECLINED', 9)).context).toMatchObject({ path: 'RED', requestedAt: 5 });
    expect(after([on('REQUEST_NEEDS_AUTHENTICATION', 7)]).context).toMatchObject({ path: 'YELLOW', requestedAt: 7 });
    expect(after([on('REQUEST_DECLINED', 7)]).context).toMatchObject({ path: 'RED', requestedAt: 7 });
  });

  it.each(['CODE_ISSUED', 'AUTHENTICATED', 'AUTHENTICATION_FAILED'] as const)(
    'of which only a step-up is known (%s) went by the yellow path; where a request was seen, by what that said',
    (type) => {
      expect(after([on(type)]).context).toMatchObject({ path: 'YELLOW', requestedAt: undefined });
      expect(after([on('REQUEST_APPROVED'), on(type)]).context.path).toBe('GREEN');
    },
  );

  it('for which a code is issued after it was abandoned went by the yellow path', () => {
    expect(after([on('ABANDONED'), on('CODE_ISSUED')]).context.path).toBe('YELLOW');
  });

  it('of which a code is issued after it failed awaits authentication by the path it had', () => {
    const failed = [on('REQUEST_APPROVED'), on('AUTHENTICATION_FAILED'), on('CODE_ISSUED')];
    expect(after(failed)).toMatchObject({
      value: { provisioning: 'awaitingAuthentication' },
      context: { path: 'GREEN' },
    });
  });
});

describe('completion', () => {
  const provisioned = (life: LifeSnapshot) => ({
    provisioning: life.value.provisioning,
    completedAt: life.context.completedAt,
  });
  const begun: readonly (readonly LifeEvent[])[] = [
    [],
    [on('REQUEST_APPROVED')],
    [on('REQUEST_NEEDS_AUTHENTICATION')],
    [on('AUTHENTICATION_FAILED')],
    [on('ABANDONED')],
  ];

  it('is when a token on its device becomes active', () => {
    for (const way of begun) {
      const life = after([...way, on('PROVISIONED_ON_DEVICE', 4), on('REPORTED_ACTIVE', 9)]);
      expect(provisioned(life)).toEqual({ provisioning: 'completed', completedAt: 9 });
      expect(life.context).toMatchObject({ onDeviceAt: 4, activatedAt: 9 });
    }
  });

  it('is when an active token comes to its device', () => {
    for (const way of begun) {
      const life = after([...way, on('REPORTED_ACTIVE', 4), on('PROVISIONED_ON_DEVICE', 9)]);
      expect(provisioned(life)).toEqual({ provisioning: 'completed', completedAt: 9 });
    }
  });

  it('is when a step-up has passed and the token is active, whichever comes last', () => {
    for (const way of begun) {
      const last = [on('AUTHENTICATED', 4), on('REPORTED_ACTIVE', 9)];
      expect(provisioned(after([...way, ...last]))).toEqual({ provisioning: 'completed', completedAt: 9 });
      const first = [on('REPORTED_ACTIVE', 4), on('AUTHENTICATED', 9)];
      expect(provisioned(after([...way, ...first]))).toEqual({ provisioning: 'completed', completedAt: 9 });
    }
  });

  it.each(['CARD_ON_FILE', 'BROWSER'] as const)('of a %s token is when it becomes active', (tokenType) => {
    for (const way of begun) {
      const life = after([...way, on('REPORTED_ACTIVE', 9)], tokenType);
      expect(provisioned(life)).toEqual({ provisioning: 'completed', completedAt: 9 });
    }
  });

  it.each(['SECURE_ELEMENT', 'HCE', 'OTHER', 'UNKNOWN'] as const)('of a %s token takes more than that', (tokenType) => {
    expect(after([on('REPORTED_ACTIVE')], tokenType).value.provisioning).toBe('unknown');
  });

  it('is not by a suspended token, and is when that is let go', () => {
    const held = after([on('PROVISIONED_ON_DEVICE', 2), suspendedBy('ISSUER', 3)]);
    expect(provisioned(held)).toEqual({ provisioning: 'unknown', completedAt: undefined });
    expect(provisioned(step(held, resumedBy('ISSUER', 9)))).toEqual({ provisioning: 'completed', completedAt: 9 });
  });

  it('by no known path was by the green one', () => {
    expect(after([on('PROVISIONED_ON_DEVICE'), on('REPORTED_ACTIVE')]).context.path).toBe('GREEN');
    const yellow = [on('REQUEST_NEEDS_AUTHENTICATION'), on('PROVISIONED_ON_DEVICE'), on('REPORTED_ACTIVE')];
    expect(after(yellow).context.path).toBe('YELLOW');
  });
});

describe('the device', () => {
  it('has the token since it first had, unless the token is closed', () => {
    const life = after([on('PROVISIONED_ON_DEVICE', 4)]);
    const again = step(life, on('PROVISIONED_ON_DEVICE', 9));
    expect(again, 'hearing it again is legal').not.toBe(life);
    expect(again).toMatchObject({ value: { onDevice: 'yes' }, context: { onDeviceAt: 4 } });
    for (const end of ['DELETED', 'REQUEST_DECLINED'] as const) {
      const never = after([on(end)]);
      expect(step(never, on('PROVISIONED_ON_DEVICE'))).toBe(never);
      const closed = after([on('PROVISIONED_ON_DEVICE', 4), on(end)]);
      expect(step(closed, on('PROVISIONED_ON_DEVICE'))).toBe(closed);
    }
  });
});

describe('a life that nothing is known of', () => {
  it('begins inactive, on no device, with no time known', () => {
    const { value, context } = begin({ tokenType: 'HCE' });
    expect(value).toEqual({ status: 'inactive', provisioning: 'unknown', onDevice: 'no' });
    expect(context).toEqual({ tokenType: 'HCE', suspendedBy: [], now: 0 });
  });
});
