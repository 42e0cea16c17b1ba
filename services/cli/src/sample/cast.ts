/**
 * Who appears in the sample day: cards, their holders, devices, and the flow each token goes through.
 * Cards and holders are the same every day; tokens are new each day.
 */
import type { EhiNetwork, EhiTokenType } from './ehi.js';
import {
  declined,
  type Flow,
  failedCode,
  followedBy,
  green,
  unanswered,
  withoutDevice,
  withStep,
  yellow,
} from './flows.js';

/** One token of the day. */
export interface Role {
  readonly network: EhiNetwork;
  readonly type: EhiTokenType;
  readonly wallet: string;
  /** M phone, W watch, T tablet, P PC … */
  readonly deviceType: string;
  readonly deviceName?: string;
  readonly flow: Flow;
}

/** An entry of `PUT /v1/cardholders`. */
export interface Cardholder {
  readonly cards: readonly { readonly kind: 'threddPublicToken' | 'pan'; readonly value: string }[];
  /** RFC 2606 */
  readonly email?: string;
  /** Ofcom's numbers for drama, E.164. */
  readonly phone?: string;
  readonly locale?: string;
}

export const firstPublicToken = 100_000_001;

/** Twelve cards; holders 1 to 5 are known, the others are not: their notices go to the outbox all the same. */
export const cardCount = 12;

export const cardholders: readonly Cardholder[] = [
  { cards: [publicToken(0)], email: 'ada.holder@example.com', phone: '+447700900101', locale: 'en-GB' },
  { cards: [publicToken(1), publicToken(2)], email: 'bo.holder@example.com', locale: 'en-GB' },
  { cards: [publicToken(3)], phone: '+447700900103' },
  { cards: [publicToken(4), { kind: 'pan', value: '4111111111111111' }], email: 'cy.holder@example.com' },
  { cards: [publicToken(5)], email: 'di.holder@example.com', phone: '+447700900105' },
];

function publicToken(index: number): { kind: 'threddPublicToken'; value: string } {
  return { kind: 'threddPublicToken', value: String(firstPublicToken + index) };
}

const visa = { network: 'VISA-T' } as const;
const mastercard = { network: 'MC-MDES' } as const;
const iphone = { type: 'SE', wallet: 'APPLE', deviceType: 'M', deviceName: 'Test iPhone' } as const;
const appleWatch = { type: 'SE', wallet: 'APPLE', deviceType: 'W', deviceName: 'Test Watch' } as const;
const pixel = { type: 'CL', wallet: 'ANDROID', deviceType: 'M', deviceName: 'Test Pixel' } as const;
const galaxy = { type: 'SE', wallet: 'SAMSUNG', deviceType: 'M', deviceName: 'Test Galaxy' } as const;
const onFile = { type: 'CF', wallet: 'MRCHTOKEN', deviceType: 'U' } as const;
const browser = { type: 'BW', wallet: 'VISACKOUT', deviceType: 'P', deviceName: 'Test browser' } as const;

/** A wallet's or an issuer's hold on a Visa token, and its end; `status` is what the network then says. */
const held = (after: number, source: string) => ({ kind: 'TEN', after, why: 81, status: 'S', source }) as const;
const released = (after: number, source: string, status: string) =>
  ({ kind: 'TEN', after, why: 80, status, source }) as const;

export const roles: readonly Role[] = [
  // Visa, approved at once
  { ...visa, ...iphone, flow: green('VISA-T') },
  { ...visa, ...iphone, flow: withStep(green('VISA-T'), 2, { repeatAfter: 120 }) },
  { ...visa, ...appleWatch, flow: green('VISA-T') },
  { ...visa, ...pixel, flow: green('VISA-T') },
  { ...visa, ...pixel, flow: withStep(green('VISA-T'), 0, { delay: 60 }) }, // the request comes last
  { ...visa, ...galaxy, flow: withStep(green('VISA-T'), 1, { delay: 45 }) }, // the creation after the device
  { ...visa, ...pixel, flow: withStep(green('VISA-T'), 2, { attempt: 2 }) }, // first copies were lost
  // Visa, held and let go
  {
    ...visa,
    ...iphone,
    flow: followedBy(green('VISA-T'), [held(60, 'ISSUER')], { status: 'SUSPENDED', suspendedBy: ['ISSUER'] }),
  },
  { ...visa, ...iphone, flow: followedBy(green('VISA-T'), [held(60, 'ISSUER'), released(150, 'ISSUER', 'A')]) },
  {
    ...visa,
    ...galaxy,
    flow: followedBy(green('VISA-T'), [held(60, 'ISSUER'), held(90, 'WAL-SA'), released(150, 'WAL-SA', 'S')], {
      status: 'SUSPENDED',
      suspendedBy: ['ISSUER'],
    }),
  },
  // Visa, deleted on the device by its holder: SOAP, as some programmes send
  {
    ...visa,
    ...iphone,
    flow: followedBy(
      green('VISA-T'),
      [{ kind: 'TEN', after: 200, why: 51, status: 'D', source: 'CRDHLR', soap: true }],
      {
        status: 'DELETED',
      },
    ),
  },
  // Visa, stepped up
  { ...visa, ...iphone, flow: yellow('VISA-T') },
  { ...visa, ...iphone, flow: withStep(yellow('VISA-T'), 3, { delay: 120 }) }, // "I" arrives after "A"
  { ...visa, ...pixel, flow: yellow('VISA-T', 73, 'email') },
  { ...visa, ...galaxy, flow: withStep(yellow('VISA-T'), 4, { repeatAfter: 120 }) },
  { ...visa, ...appleWatch, flow: yellow('VISA-T') },
  { ...visa, ...iphone, flow: yellow('VISA-T', 74) },
  { ...visa, ...pixel, flow: yellow('VISA-T', 74) },
  { ...visa, ...pixel, flow: yellow('VISA-T', 75) },
  { ...visa, ...iphone, flow: failedCode(55) },
  { ...visa, ...galaxy, flow: failedCode(54) },
  { ...visa, ...iphone, flow: unanswered() },
  // Visa, refused
  { ...visa, ...iphone, flow: declined('VISA-T') },
  { ...visa, ...pixel, flow: declined('VISA-T') },
  // Visa, no device
  { ...visa, ...onFile, flow: withoutDevice('VISA-T') },
  { ...visa, ...onFile, wallet: 'AMAZON', flow: withoutDevice('VISA-T') },
  { ...visa, ...browser, flow: withoutDevice('VISA-T') },
  // Mastercard
  { ...mastercard, ...iphone, flow: green('MC-MDES') },
  { ...mastercard, ...iphone, flow: withStep(green('MC-MDES'), 0, { delay: 30 }) },
  { ...mastercard, ...appleWatch, flow: green('MC-MDES') },
  { ...mastercard, ...pixel, flow: withStep(green('MC-MDES'), 1, { repeatAfter: 120 }) },
  {
    ...mastercard,
    ...iphone,
    flow: followedBy(green('MC-MDES'), [held(60, 'WAL-AP')], { status: 'SUSPENDED', suspendedBy: ['TOKEN_REQUESTOR'] }),
  },
  {
    ...mastercard,
    ...pixel,
    flow: followedBy(green('MC-MDES'), [{ kind: 'TEN', after: 100, why: 82, status: 'X', source: 'ISSUER' }], {
      status: 'DELETED',
    }),
  },
  { ...mastercard, ...iphone, flow: yellow('MC-MDES') },
  { ...mastercard, ...pixel, flow: yellow('MC-MDES', 73, 'email') },
  { ...mastercard, ...galaxy, flow: withStep(yellow('MC-MDES'), 1, { delay: 100 }) }, // the code after the end
  { ...mastercard, ...iphone, flow: declined('MC-MDES') },
  { ...mastercard, ...pixel, flow: declined('MC-MDES') },
  { ...mastercard, ...onFile, flow: withoutDevice('MC-MDES') },
  { ...mastercard, ...onFile, wallet: 'ADYEN', flow: withoutDevice('MC-MDES') },
];
