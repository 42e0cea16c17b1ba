/**
 * Manual provisioning with a code by SMS, the 25 steps of seeds/0, each a test of its own. MDES is a peer that calls over real HTTP with real
 * encryption; what happens between consumer, wallet and MDES, out of the issuer's sight, the peer plays by itself and each such step says so.
 * The issuer is Tokenline: its decision comes from the configured policy, its contacts from the cardholder directory, its messages go by SMS.
 *
 * The cardholder's number, the code and the card are canaries: at the end everything that lasts is searched for them.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCanaries, findCanaries } from '../canaries.js';
import { everythingOf } from '../everything.js';
import {
  type ActivationCode,
  authorizeService,
  createMdes,
  deliverActivationCode,
  type Json,
  notifyServiceActivated,
  requestActivationMethods,
} from '../peers/mdes.js';
import { cardOf, type Persona } from '../peers/persona.js';
import { writePolicy } from '../peers/policy.js';
import { type Sms, type SmsGateway, startSmsGateway } from '../peers/sms.js';
import { type Notice, type System, startSystem, type Token } from '../system.js';
import { type TimelineEntry, timelineOf } from '../timeline.js';
import { expectAllRight } from '../tokenline.js';
import { testToken } from '../traffic.js';
import { until } from '../wait.js';

const canaries = createCanaries();
const phone = canaries.phone('the cardholder’s phone');
const masked = `${phone.slice(0, 3)}*****${phone.slice(-4)}`;
const callCentre = '1-800-555-0199';
/** What the issuer offers, in MDES' words. */
const offers: readonly Method[] = [
  { type: 'TEXT_TO_CARDHOLDER_NUMBER', value: masked },
  { type: 'CARDHOLDER_TO_CALL_MANNED_NUMBER', value: callCentre },
];
const card = cardOf(canaries.dpan('the card'));
const persona: Persona = {
  card,
  token: testToken(9_001, 'MC-MDES', { dpan: canaries.dpan('the token’s number'), deviceName: 'Seed 0 phone' }),
};
const alias = `tokenUniqueReference:${persona.token.reference}`;

const mdes = createMdes();
/** A card typed in by hand is stepped up, by SMS or through the call centre; nothing else is allowed. */
const policy = writePolicy({
  rules: [{ name: 'typed in', when: { panSources: ['ACCOUNT_ADDED_MANUALLY'] }, decision: 'AUTHENTICATE' }],
  otherwise: { decision: 'DECLINED' },
  methods: [
    { method: 'SMS', value: 'number on file' },
    { method: 'AGENT_CALL', value: callCentre },
  ],
});

let gateway: SmsGateway;
let system: System;
beforeAll(async () => {
  gateway = await startSmsGateway();
  system = await startSystem({
    env: { ...mdes.env, ...policy.env, ...gateway.env, TOKENLINE_LOG_LEVEL: 'trace' },
  });
  const holder = { cards: [{ kind: 'pan', value: card.number }], phone, locale: 'en-GB' };
  const answer = await system.send('PUT', `${system.urls.ingest}/v1/cardholders`, JSON.stringify(holder));
  expect(answer.status).toBe(200);
});
afterAll(async () => {
  await system?.stop();
  await gateway?.stop();
  policy.remove();
});

interface Method {
  readonly type: string;
  readonly value: string;
}

/** What the wallet on the consumer's phone shows and holds. */
const wallet = {
  screen: 'empty' as 'empty' | 'terms' | 'waiting' | 'methods' | 'enter code' | 'card ready',
  typed: undefined as string | undefined,
  termsAcceptedAt: undefined as number | undefined,
  methods: [] as readonly Method[],
  chosen: undefined as Method | undefined,
  entered: undefined as string | undefined,
};

/** What MDES knows of this digitization. */
const atMdes = {
  ranges: [card.number.slice(0, 6)],
  eligible: false,
  authorized: undefined as Json | undefined,
  offered: undefined as Json | undefined,
  code: undefined as ActivationCode | undefined,
  attempts: 0,
  validated: false,
  activatedAt: undefined as number | undefined,
};

/** Everything the issuer answered, for the search at the end. */
const answers: Json[] = [];

async function call(request: Parameters<typeof mdes.send>[1]): Promise<Json> {
  const answer = await mdes.send(system, request);
  answers.push(answer);
  return answer;
}

function token(): Promise<Token> {
  return until('the token can be asked for', () => system.token(alias));
}

async function tokenWhen(what: string, holds: (token: Token) => boolean): Promise<Token> {
  let last: Token | undefined;
  return until(
    `the token ${what}`,
    async () => {
      last = await system.token(alias);
      return last !== undefined && holds(last) && last;
    },
    30_000,
    () => last,
  );
}

async function timeline(): Promise<readonly TimelineEntry[]> {
  return timelineOf(system, (await token()).tokenId);
}

async function noticeOf(kind: string): Promise<Notice> {
  const { tokenId } = await token();
  let last: unknown;
  return until(
    `the notice ${kind} is over`,
    async () => {
      const { items } = await system.ask<{ items: Notice[] }>(`/v1/notices?tokenId=${tokenId}&kind=${kind}`);
      last = items;
      expect(items.length).toBeLessThan(2);
      return items[0] !== undefined && items[0].state !== 'PENDING' && items[0];
    },
    30_000,
    () => last,
  );
}

/** The n-th message on the consumer's phone. */
function smsNumber(n: number): Promise<Sms> {
  return until(`the consumer's phone has message ${n}`, () => gateway.taken()[n - 1]);
}

interface Step {
  readonly n: number;
  readonly who: string;
  readonly what: string;
  readonly plays: () => unknown;
}

const steps: readonly Step[] = [
  {
    n: 1,
    who: 'consumer',
    what: 'types a card into the wallet (peer: the wallet keeps what was typed)',
    plays: () => {
      wallet.typed = card.number;
      expect(wallet.screen).toBe('empty');
    },
  },
  {
    n: 2,
    who: 'wallet',
    what: 'asks MDES whether the card can be digitized (peer: wallet and MDES are one process here)',
    plays: () => {
      expect(wallet.typed).toMatch(/^\d{16}$/);
    },
  },
  {
    n: 3,
    who: 'MDES',
    what: 'checks that by the account range (peer: its table of ranges); the issuer hears nothing of it',
    plays: async () => {
      atMdes.eligible = atMdes.ranges.some((range) => wallet.typed?.startsWith(range));
      expect(atMdes.eligible).toBe(true);
      expect(await system.askAll('/v1/tokens')).toEqual([]);
    },
  },
  {
    n: 4,
    who: 'MDES, wallet',
    what: 'hands the terms to the wallet (4.1), which shows them (4.2) (peer: the wallet changes its screen)',
    plays: () => {
      expect(atMdes.eligible).toBe(true);
      wallet.screen = 'terms';
    },
  },
  {
    n: 5,
    who: 'consumer',
    what: 'reads the terms and accepts them (peer: the moment is kept for step 22)',
    plays: () => {
      expect(wallet.screen).toBe('terms');
      wallet.termsAcceptedAt = Date.now();
    },
  },
  {
    n: 6,
    who: 'wallet',
    what: 'starts the digitization (peer: the token has its reference and its correlation id from here on)',
    plays: () => {
      expect(wallet.termsAcceptedAt).toBeDefined();
      wallet.screen = 'waiting';
      expect(persona.token.reference).toHaveLength(48);
    },
  },
  {
    n: 7,
    who: 'MDES → issuer',
    what: 'asks for authorization, the card encrypted; the policy decides REQUIRE_ADDITIONAL_AUTHENTICATION',
    plays: async () => {
      atMdes.authorized = await call(authorizeService(persona));
      expect(atMdes.authorized.decision).toBe('REQUIRE_ADDITIONAL_AUTHENTICATION');
      const asked = await tokenWhen('awaits its authentication', ({ provisioning }) => provisioning.path === 'YELLOW');
      expect(asked).toMatchObject({
        status: 'INACTIVE',
        provisioning: { outcome: 'AWAITING_AUTHENTICATION', path: 'YELLOW' },
        card: { last4: card.number.slice(-4) },
      });
    },
  },
  {
    n: 8,
    who: 'issuer → MDES',
    what: 'answers with the decision, and ways to authenticate that show the number on file masked',
    plays: () => {
      expect(atMdes.authorized).toEqual({
        responseId: expect.any(String),
        services: ['DIGITIZATION'],
        decision: 'REQUIRE_ADDITIONAL_AUTHENTICATION',
        activationMethods: offers,
      });
    },
  },
  {
    n: 9,
    who: 'MDES → issuer',
    what: 'asks which ways of authentication there are',
    plays: async () => {
      atMdes.offered = await call(requestActivationMethods(persona));
    },
  },
  {
    n: 10,
    who: 'issuer',
    what: 'makes the list of the policy’s methods and the directory’s contacts, and notes that it was asked',
    plays: async () => {
      await until('the question is in the timeline', async () =>
        (await timeline()).some(({ factKind }) => factKind === 'NOTED'),
      );
      expect((await token()).provisioning.outcome).toBe('AWAITING_AUTHENTICATION');
    },
  },
  {
    n: 11,
    who: 'issuer → MDES',
    what: 'answers with that list',
    plays: () => {
      expect(atMdes.offered).toEqual({
        responseId: expect.any(String),
        activationMethods: offers,
      });
    },
  },
  {
    n: 12,
    who: 'MDES, wallet',
    what: 'puts both lists together, and the wallet shows them (peer: each method once)',
    plays: () => {
      const both = [atMdes.authorized, atMdes.offered].flatMap((answer) => answer?.activationMethods as Method[]);
      wallet.methods = [...new Map(both.map((method) => [method.type, method])).values()];
      wallet.screen = 'methods';
      expect(wallet.methods.map(({ value }) => value)).toEqual([masked, callCentre]);
    },
  },
  {
    n: 13,
    who: 'consumer',
    what: 'picks the code by SMS, knowing the number by its last digits (peer: the choice is kept)',
    plays: () => {
      wallet.chosen = wallet.methods.find(({ type }) => type === 'TEXT_TO_CARDHOLDER_NUMBER');
      expect(wallet.chosen?.value.slice(-4)).toBe(phone.slice(-4));
    },
  },
  {
    n: 14,
    who: 'wallet',
    what: 'asks MDES for a code by that method (peer: wallet and MDES are one process here)',
    plays: () => {
      expect(wallet.chosen).toBeDefined();
      wallet.screen = 'enter code';
    },
  },
  {
    n: 15,
    who: 'MDES',
    what: 'makes the activation code (peer: random digits, good for half an hour)',
    plays: () => {
      atMdes.code = { code: canaries.code('the activation code'), expiresAt: Date.now() + 30 * 60_000 };
    },
  },
  {
    n: 16,
    who: 'MDES → issuer',
    what: 'hands the code over, to be delivered by the chosen method; the issuer acknowledges and nothing more',
    plays: async () => {
      const { chosen } = wallet;
      const { code } = atMdes;
      if (chosen === undefined || code === undefined) throw new Error('There is no method or no code.');
      expect(await call(deliverActivationCode(persona, chosen, code))).toEqual({ responseId: expect.any(String) });
    },
  },
  {
    n: 17,
    who: 'issuer → consumer',
    what: 'sends the code by SMS, once, to the number on file',
    plays: async () => {
      const sms = await smsNumber(1);
      const notice = await noticeOf('ACTIVATION_CODE');
      expect(sms).toEqual({
        to: phone,
        text: expect.stringContaining(codeAtMdes()),
        reference: notice.noticeId,
        encoding: 'GSM-7',
        segments: 2,
      });
      expect(notice).toMatchObject({ state: 'DELIVERED', outcome: 'MET', channel: 'sms' });
      expect(gateway.taken()).toHaveLength(1);
    },
  },
  {
    n: 18,
    who: 'consumer',
    what: 'reads the SMS and enters its code in the wallet (peer: the only digits of that length in the message)',
    plays: async () => {
      expect(wallet.screen).toBe('enter code');
      const { text } = await smsNumber(1);
      wallet.entered = /(?<!\d)\d{10}(?!\d)/.exec(text)?.[0];
      expect(wallet.entered).toBeDefined();
    },
  },
  {
    n: 19,
    who: 'wallet',
    what: 'passes the code to MDES (peer: counted as an attempt)',
    plays: () => {
      atMdes.attempts += 1;
    },
  },
  {
    n: 20,
    who: 'MDES',
    what: 'finds the code right and still good (peer: compares it with the one of step 15)',
    plays: () => {
      atMdes.validated = wallet.entered === codeAtMdes() && Date.now() < (atMdes.code?.expiresAt ?? 0);
      expect(atMdes.validated).toBe(true);
    },
  },
  {
    n: 21,
    who: 'MDES',
    what: 'activates the token (peer: the moment is kept); the issuer does not know yet',
    plays: async () => {
      expect(atMdes.validated).toBe(true);
      atMdes.activatedAt = Date.now();
      expect(await token()).toMatchObject({ status: 'INACTIVE', provisioning: { outcome: 'AWAITING_AUTHENTICATION' } });
    },
  },
  {
    n: 22,
    who: 'MDES → issuer',
    what: 'notifies that the digitization succeeded, the token’s number encrypted',
    plays: async () => {
      const more = {
        decision: 'REQUIRE_ADDITIONAL_AUTHENTICATION',
        termsAndConditionsAcceptedTimestamp: new Date(wallet.termsAcceptedAt ?? 0).toISOString(),
        numberOfActivationAttempts: atMdes.attempts,
      };
      const answer = await call(notifyServiceActivated(persona, activatedAt(), more));
      expect(answer).toEqual({ responseId: expect.any(String) });
    },
  },
  {
    n: 23,
    who: 'issuer → consumer',
    what: 'tells the cardholder that the card is in the wallet, within the 30 minutes',
    plays: async () => {
      const sms = await smsNumber(2);
      const notice = await noticeOf('PROVISIONING_COMPLETED');
      expect(sms).toMatchObject({ to: phone, reference: notice.noticeId });
      expect(sms.text).toContain(`card ending ${card.number.slice(-4)}`);
      expect(sms.text).toContain('Apple Pay');
      expect(notice).toMatchObject({ state: 'DELIVERED', outcome: 'MET', channel: 'sms' });
      expect(Date.parse(notice.deadlineAt ?? '')).toBe(activatedAt() + 30 * 60_000);
    },
  },
  {
    n: 24,
    who: 'MDES',
    what: 'notifies the wallet that the provisioning succeeded (peer: wallet and MDES are one process here)',
    plays: () => {
      wallet.screen = 'card ready';
    },
  },
  {
    n: 25,
    who: 'wallet',
    what: 'shows the card (peer: its last digits), which is the one the issuer holds a live token of',
    plays: async () => {
      expect(wallet.screen).toBe('card ready');
      const live = await tokenWhen('is complete', ({ provisioning }) => provisioning.outcome === 'COMPLETED');
      expect(live.card?.last4).toBe(wallet.typed?.slice(-4));
      expect(live.status).toBe('ACTIVE');
    },
  },
];

function codeAtMdes(): string {
  return atMdes.code?.code ?? expect.fail('MDES has made no code.');
}

function activatedAt(): number {
  return atMdes.activatedAt ?? expect.fail('MDES has not activated the token.');
}

describe('manual provisioning with a code by SMS', () => {
  it('is all of the 25 steps', () =>
    expect(steps.map(({ n }) => n)).toEqual(Array.from({ length: 25 }, (_, i) => i + 1)));

  for (const { n, who, what, plays } of steps) {
    it(`${n}. ${who}: ${what}`, async () => {
      await plays();
    });
  }
});

describe('what is left of it', () => {
  it('is one token, complete by the yellow path', async () => {
    const at = new Date(activatedAt()).toISOString();
    expect(await system.askAll('/v1/tokens')).toEqual([await token()]);
    expect(await token()).toMatchObject({
      network: 'MDES',
      status: 'ACTIVE',
      suspendedBy: [],
      provisioning: { outcome: 'COMPLETED', path: 'YELLOW', onDeviceAt: at, activatedAt: at, completedAt: at },
      tokenType: 'SECURE_ELEMENT',
      wallet: 'APPLE',
      device: { name: 'Seed 0 phone', type: 'PHONE' },
      tokenExpiry: persona.token.expiry,
    });
  });

  it('is a timeline of what the issuer was told, nothing of it ignored', async () => {
    const entries = await timeline();
    const told = [...new Set(entries.map(({ factKind }) => factKind))];
    expect(told).toEqual(['PROVISIONING_REQUESTED', 'NOTED', 'ACTIVATION_CODE_ISSUED', 'DEVICE_PROVISIONED']);
    expect(entries.filter(({ event }) => event === 'FactIgnored')).toEqual([]);
    expect(entries.filter(({ event }) => event === 'ProvisioningCompleted')).toHaveLength(1);
  });

  it('is two messages, each sent once and on time, and nothing else', async () => {
    const { tokenId } = await token();
    const { items } = await system.ask<{ items: Notice[] }>(`/v1/notices?tokenId=${tokenId}`);
    const seen = items.map(({ kind, state, outcome }) => ({ kind, state, outcome }));
    expect(seen.sort((a, b) => (a.kind < b.kind ? -1 : 1))).toEqual([
      { kind: 'ACTIVATION_CODE', state: 'DELIVERED', outcome: 'MET' },
      { kind: 'PROVISIONING_COMPLETED', state: 'DELIVERED', outcome: 'MET' },
    ]);
    expect([...gateway.calls().values()]).toEqual([1, 1]);
  });

  it('keeps every invariant, and put nothing aside', async () => {
    await expectAllRight(system);
    expect(await system.askAll('/v1/dead-letters')).toEqual([]);
  });

  it('shows neither code nor phone number nor card anywhere', async () => {
    const places = await everythingOf(system);
    places.set('answers of the ingest door', JSON.stringify(answers));
    // The search would find what is there to be found.
    const control = new Map([['Seed 0 phone', 'the device’s name']]);
    for (const place of ['topic tsp.inbound', 'topic token.state', 'collection tokens', 'answers of the query door'])
      expect(findCanaries(place, places.get(place) ?? '', control), place).toHaveLength(1);
    expect([...canaries.all.values()]).toEqual([
      'the cardholder’s phone',
      'the card',
      'the token’s number',
      'the activation code',
    ]);
    expect([...places].flatMap(([place, content]) => findCanaries(place, content, canaries.all))).toEqual([]);
  });
});
