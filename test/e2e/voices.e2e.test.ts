/**
 * The four flows of seeds/1 (7.1 to 7.4), each told by the network's own interface for one token, by EHI for a second, and by both for a third and
 * further ones, interleaved in shuffled order: the tokens end equal but for what is listed below, and what both told of is one token.
 *
 * Only what could arrive in any order is shuffled: a passcode cannot be sent before its method was asked for.
 */
import { type Delivery, deliveriesOf, type EhiNetwork, type EhiToken, type Flow, green, yellow } from '@tokenline/cli';
import { seededChance } from '@tokenline/domain/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completionsByToken } from '../log-reading.js';
import {
  authorizeService,
  createMdes,
  deliverActivationCode,
  type Json,
  notifyServiceActivated,
  requestActivationMethods,
} from '../peers/mdes.js';
import { type Card, cardOf, type Persona } from '../peers/persona.js';
import { writePolicy } from '../peers/policy.js';
import {
  approveProvisioning,
  checkEligibility,
  createVts,
  retrieveStepUpMethods,
  type StepUpMethod,
  sendPasscode,
  tokenChanged,
} from '../peers/vts.js';
import { type Notice, type System, startSystem, type Token } from '../system.js';
import { timelineOf } from '../timeline.js';
import { expectAllRight } from '../tokenline.js';
import { postUntilAcknowledged, testToken, zone } from '../traffic.js';
import { until } from '../wait.js';

const mdes = createMdes();
const vts = createVts();
/** Cards of these ranges are approved at once, all others after a step-up. */
const policy = writePolicy({
  rules: [{ name: 'green ranges', when: { accountRanges: ['51234567', '41111111'] }, decision: 'APPROVED' }],
  otherwise: { decision: 'AUTHENTICATE' },
  methods: [{ method: 'SMS', value: 'number on file' }],
});

let system: System;
beforeAll(async () => {
  system = await startSystem({ env: { ...mdes.env, ...vts.env, ...policy.env } });
});
afterAll(async () => {
  await system?.stop();
  policy.remove();
});

type Step = () => Promise<unknown>;

interface Told {
  readonly name: string;
  readonly network: EhiNetwork;
  /** By EHI. */
  readonly flow: Flow;
  readonly card: Card;
  readonly make: Partial<EhiToken>;
  /** By the network itself: the messages of the seed's figure. `start` is when EHI's flow starts, epoch ms. */
  readonly native: (persona: Persona, start: number) => readonly Step[];
}

const code = '12345678';
const stepUp = 'REQUIRE_ADDITIONAL_AUTHENTICATION';
const second = 1_000;

async function expectAnswer(answer: Promise<Json>, expected: Json): Promise<void> {
  expect(await answer).toMatchObject(expected);
}

const flows: readonly Told[] = [
  {
    name: 'Mastercard green (7.1)',
    network: 'MC-MDES',
    flow: green('MC-MDES'),
    card: cardOf('5123456789012346'),
    make: { publicToken: 100_000_011 },
    native: (persona, start) => [
      () => expectAnswer(mdes.send(system, authorizeService(persona)), { decision: 'APPROVED' }),
      () => mdes.send(system, notifyServiceActivated(persona, start + 7 * second)),
    ],
  },
  {
    name: 'Mastercard yellow (7.2)',
    network: 'MC-MDES',
    flow: yellow('MC-MDES'),
    card: cardOf('5555555555554444'),
    make: { publicToken: 100_000_012, type: 'CL', wallet: 'ANDROID', deviceName: 'Test Pixel', deviceType: 'W' },
    native: (persona, start) => [
      () => expectAnswer(mdes.send(system, authorizeService(persona)), { decision: stepUp }),
      async () => {
        const { activationMethods } = await mdes.send(system, requestActivationMethods(persona));
        const [method] = activationMethods as { type: string; value: string }[];
        expect(method).toMatchObject({ type: 'TEXT_TO_CARDHOLDER_NUMBER' });
        if (method !== undefined)
          await mdes.send(system, deliverActivationCode(persona, method, { code, expiresAt: Date.now() + 1_800_000 }));
      },
      () => mdes.send(system, notifyServiceActivated(persona, start + 80 * second, { decision: stepUp })),
    ],
  },
  {
    name: 'Visa green (7.3)',
    network: 'VISA-T',
    flow: green('VISA-T'),
    card: cardOf('4111111111111111'),
    make: { publicToken: 100_000_013, type: 'CL', wallet: 'ANDROID', deviceName: 'Test Tablet', deviceType: 'T' },
    native: (persona, start) => [
      () => expectAnswer(vts.send(system, checkEligibility(persona, start)), { cardMetadataInfo: {} }),
      () => expectAnswer(vts.send(system, approveProvisioning(persona, start)), { actionCode: '00' }),
      () => vts.send(system, tokenChanged(persona, start + second, { code: '3700', status: 'ACTIVE' })),
      () => vts.send(system, tokenChanged(persona, start + 9 * second, { code: '3711', status: 'ACTIVE' })),
    ],
  },
  {
    name: 'Visa yellow (7.4)',
    network: 'VISA-T',
    flow: yellow('VISA-T'),
    card: cardOf('4012888888881881'),
    make: { publicToken: 100_000_014 },
    native: (persona, start) => [
      () => expectAnswer(vts.send(system, checkEligibility(persona, start)), { cardMetadataInfo: {} }),
      () => expectAnswer(vts.send(system, approveProvisioning(persona, start)), { actionCode: '85' }),
      () => vts.send(system, tokenChanged(persona, start + second, { code: 'TOKEN_CREATED', status: 'INACTIVE' })),
      async () => {
        const { stepUpMethods } = await vts.send(system, retrieveStepUpMethods(persona, start + 15 * second));
        const [method] = stepUpMethods as StepUpMethod[];
        expect(method).toMatchObject({ type: 'OTPSMS', value: '+44*****0123' });
        const passcode = { code, expiresAt: Date.now() + 1_800_000 };
        if (method !== undefined) await vts.send(system, sendPasscode(persona, start + 20 * second, method, passcode));
      },
      () =>
        vts.send(
          system,
          tokenChanged(persona, start + 22 * second, { code: 'DEVICE_PROVISIONING_RESULT', status: 'INACTIVE' }),
        ),
      () =>
        vts.send(
          system,
          tokenChanged(
            persona,
            start + 90 * second,
            { code: 'OTP_VERIFICATION_RESULT', status: 'ACTIVE' },
            { activationVerificationResult: 'VERIFICATION_SUCCESS' },
          ),
        ),
    ],
  },
];

/** What may differ between the voices, and why. Everything else of a `Token` is equal. */
const mayDiffer: Readonly<Record<string, string>> = {
  tokenId: 'Ours: another for each token.',
  aliases: 'Each token has names of its own, and each voice kinds of name of its own.',
  card: 'EHI names the card by Thredd’s public token and shows no digit of it; the networks give its number.',
  tokenRequestorId: 'EHI’s messages do not name the token requestor (visa-vts-and-thredd-ehi.md 5.3).',
  'provisioning.requestedAt':
    'MDES’ requests carry no time: what they ask happened when it was received. Visa’s are signed with one.',
  version: 'Counts what changed; more is told by two voices, and step by step.',
};

/** Orders in which both voices tell of a token; each is another token. */
const interleavings = 5;

/** Far enough ahead that MDES' requests, dated by their receipt, precede what follows them; Visa's clock may be a minute ahead only. */
const leadOf = { 'MC-MDES': 300 * second, 'VISA-T': -120 * second };

interface Case {
  readonly how: string;
  readonly persona: Persona;
  /** First and last moment in which its messages can have been received, epoch ms. */
  readonly sent: { readonly from: number; readonly to: number };
}

/** One way of telling a flow, for the n-th token of it. */
interface Telling {
  readonly how: string;
  readonly stepsOf: (persona: Persona) => readonly Step[];
}

/** Each flow's tokens, by name, in the order of the tellings; and when EHI's flow started, epoch ms. */
const played = new Map<string, { readonly cases: readonly Case[]; readonly start: number }>();

function playedOf({ name }: Told) {
  return played.get(name) ?? expect.fail(`${name} was not played`);
}

async function play(told: Told): Promise<void> {
  const { name, network, flow, card, make, native } = told;
  const place = flows.indexOf(told);
  const start = Math.floor((Date.now() + leadOf[network]) / second) * second;
  const byEhi = ({ token }: Persona): Step[] => {
    // Milliseconds of EHI's stamps follow from the id: whole thousands give whole seconds.
    const setting = { id: (step: number) => (token.paymentTokenId * 100 + step) * 1_000, start, zone };
    return deliveriesOf(token, flow, setting).map((message: Delivery) => () => postUntilAcknowledged(system, message));
  };
  const tellings: readonly Telling[] = [
    { how: 'native', stepsOf: (persona) => native(persona, start) },
    { how: 'ehi', stepsOf: byEhi },
    ...Array.from({ length: interleavings }, (_, n) => ({
      how: `both, order ${n}`,
      stepsOf: (persona: Persona) =>
        seededChance(place * 100 + n).shuffled([...native(persona, start), ...byEhi(persona)]),
    })),
  ];
  // All on one device, as a cardholder's tokens may be.
  const deviceId = `04AABBCCDDEE${place}`.padEnd(48, '0');
  const cases: Case[] = [];
  for (const [n, { how, stepsOf }] of tellings.entries()) {
    const token = testToken(5_000 + place * 100 + n, network, { ...make, deviceId });
    const persona = { token, card };
    const from = Date.now();
    for (const step of stepsOf(persona)) await step();
    cases.push({ how, persona, sent: { from, to: Date.now() } });
  }
  played.set(name, { cases, start });
}

describe('the flows are told', () => {
  it('of cards whose holders can be reached', async () => {
    const holders = flows.map(({ card, make }) => ({
      cards: [
        { kind: 'pan', value: card.number },
        { kind: 'threddPublicToken', value: String(make.publicToken) },
      ],
      phone: '+447700900123',
    }));
    const answer = await system.send('PUT', `${system.urls.ingest}/v1/cardholders`, JSON.stringify(holders));
    expect(answer.status).toBe(200);
  });

  it.each(flows)('by the network, by EHI, and by both in shuffled orders: $name', async (told) => {
    await play(told);
    if (told.network === 'MC-MDES')
      expect(Date.now(), 'a request precedes its flow').toBeLessThan(playedOf(told).start);
  });

  it('and taken: every invariant holds, and nothing is put aside', async () => {
    await expectAllRight(system);
    expect(await system.askAll('/v1/dead-letters')).toEqual([]);
  });
});

describe.each(flows.map((told) => [told.name, told] as const))('%s', (_name, told) => {
  const { network, flow, card, make } = told;

  it('ends in equal tokens', async () => {
    const { cases, start } = playedOf(told);
    const tokens = await Promise.all(cases.map(tokenOf));
    const [own, relayed, ...both] = tokens as [Token, Token, ...Token[]];
    expect(own).toMatchObject({ status: 'ACTIVE', provisioning: { outcome: 'COMPLETED', path: flow.ending.path } });
    for (const [n, token] of tokens.entries())
      expect(comparable(token, network), cases[n]?.how).toEqual(comparable(relayed, network));

    // What is left out of the comparison is as its reason says.
    expect(own.card).toEqual({ ref: expect.stringMatching(/^pan:/), last4: card.number.slice(-4) });
    expect(relayed.card).toEqual({ ref: `threddPublicToken:${make.publicToken}` });
    expect([own.tokenRequestorId, relayed.tokenRequestorId]).toEqual([expect.stringMatching(/^\d{11}$/), undefined]);
    for (const token of both) {
      expect(kindsOf(token)).toEqual([...new Set([...kindsOf(own), ...kindsOf(relayed)])].sort());
      expect(token).toMatchObject({ tokenRequestorId: own.tokenRequestorId, card: { last4: own.card?.last4 } });
    }
    for (const [n, token] of tokens.entries()) {
      const { how, sent } = cases[n] as Case;
      const requestedAt = Date.parse(token.provisioning.requestedAt ?? '');
      if (network === 'VISA-T' || how === 'ehi') expect(requestedAt, how).toBe(start);
      else {
        expect(requestedAt, how).toBeGreaterThanOrEqual(sent.from);
        expect(requestedAt, how).toBeLessThanOrEqual(sent.to);
      }
    }
  });

  it('is one token by whatever name it is asked for', async () => {
    for (const each of playedOf(told).cases) {
      const { tokenId, aliases } = await tokenOf(each);
      for (const { kind, value } of aliases)
        expect((await system.token(`${kind}:${value}`))?.tokenId, `${each.how}, ${kind}`).toBe(tokenId);
    }
  });

  it('has no fact of one voice that the other’s make illegal', async () => {
    for (const each of playedOf(told).cases) {
      const { tokenId } = await tokenOf(each);
      const entries = await timelineOf(system, tokenId);
      expect(entries.filter(({ reason }) => reason === 'ILLEGAL')).toEqual([]);
    }
  });

  it('is told to the cardholder once', async () => {
    for (const each of playedOf(told).cases) {
      const { tokenId } = await tokenOf(each);
      const notices = await until(`${each.how} has its notice`, async () => {
        const path = `/v1/notices?tokenId=${tokenId}&kind=PROVISIONING_COMPLETED`;
        const { items } = await system.ask<{ items: Notice[] }>(path);
        return items.length > 0 && items.every(({ outcome }) => outcome !== null) && items;
      });
      expect(notices.map(({ outcome }) => outcome)).toEqual(['MET']);
    }
  });
});

it('each completion was announced once', async () => {
  const completions = await completionsByToken(system);
  expect(completions.size).toBe(flows.length * (2 + interleavings));
  expect([...completions.values()].filter((count) => count !== 1)).toEqual([]);
});

/** The case's token, by the network's own name. */
async function tokenOf({ how, persona }: Case): Promise<Token> {
  const { reference, network } = persona.token;
  const kind = network === 'VISA-T' ? 'tokenReferenceId' : 'tokenUniqueReference';
  return (await system.token(`${kind}:${reference}`)) ?? expect.fail(`There is no token told by ${how}.`);
}

function kindsOf({ aliases }: Token): string[] {
  return [...new Set(aliases.map(({ kind }) => kind))].sort();
}

/** A token without what may differ. */
function comparable(token: Token, network: EhiNetwork): Json {
  const { provisioning, ...rest } = token;
  const flat = Object.entries({
    ...rest,
    ...Object.fromEntries(Object.entries(provisioning).map(([name, value]) => [`provisioning.${name}`, value])),
  });
  const same = (name: string): boolean =>
    mayDiffer[name] === undefined || (name === 'provisioning.requestedAt' && network === 'VISA-T');
  return Object.fromEntries(flat.filter(([name]) => same(name)));
}
