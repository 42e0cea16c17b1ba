/**
 * Every operation of the doors, with messages that each would take: those of services/ingest/fixtures for the networks, the sample day's builders for
 * EHI. A message is about one of a few tokens, so that messages meet; its ids are its own; where a secret belongs stands one of the run's.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EhiMessage, type EhiNetwork, green, yellow } from '@tokenline/cli';
import { root } from '../root.js';
import { messagesOfFlow, testToken } from '../traffic.js';
import { placeholder } from './secrets.js';

export const doors = ['mdes', 'vts', 'ehi', 'facts', 'cardholders'] as const;
export type DoorKind = (typeof doors)[number];

/** What makes one message of a case differ from the next. */
export interface Draw {
  /** Which token it is about. */
  readonly token: number;
  /** Which message it is; two messages with the same number are one. */
  readonly serial: number;
  /** Epoch ms UTC. */
  readonly now: number;
}

export interface Draft {
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly body: unknown;
  /** What goes into envelopes: for MDES by place in the body, for VTS the whole of encryptedData. */
  readonly inside?: unknown;
}

export interface Operation {
  readonly name: string;
  readonly door: DoorKind;
  /** Written as SOAP. */
  readonly xml?: true;
  readonly cases: readonly ((draw: Draw) => Draft)[];
}

type Json = Readonly<Record<string, unknown>>;

const fixtures = join(root, 'services/ingest/fixtures');

export const operations: readonly Operation[] = [
  ...networkOperations('mdes'),
  ...networkOperations('vts'),
  { name: 'ehi', door: 'ehi', cases: ehiCases() },
  { name: 'ehi soap', door: 'ehi', xml: true, cases: ehiCases() },
  { name: 'facts', door: 'facts', cases: [oneFact, manyFacts] },
  { name: 'cardholders', door: 'cardholders', cases: [oneHolder, manyHolders] },
];

function networkOperations(network: 'mdes' | 'vts'): readonly Operation[] {
  return foldersIn(join(fixtures, network))
    .filter((name) => name !== 'refused')
    .map((name) => ({
      name: `${network} ${name}`,
      door: network,
      cases: foldersIn(join(fixtures, network, name)).map((one) => caseOf(network, join(fixtures, network, name, one))),
    }));
}

function caseOf(network: 'mdes' | 'vts', folder: string): (draw: Draw) => Draft {
  const { target, body } = JSON.parse(readFileSync(join(folder, 'request.json'), 'utf8')) as {
    target: string;
    body: Json;
  };
  const file = join(folder, 'opened.json');
  const inside: unknown = readdirSync(folder).includes('opened.json')
    ? JSON.parse(readFileSync(file, 'utf8'))
    : undefined;
  return (draw) => ({
    method: 'POST',
    path: `/v1/inbound/${network}/${withNames(target, draw)}`,
    body: drawn(body, draw),
    ...(inside !== undefined && { inside: drawn(inside, draw) }),
  });
}

/** Names of the fixtures' tokens, in an address. */
function withNames(target: string, { token, serial }: Draw): string {
  return target.replace(/DNITHE\d+/, visaReference(token)).replace(/EV\d+/, `EV${String(serial).padStart(30, '0')}`);
}

function visaReference(token: number): string {
  return `DNITHE${String(token).padStart(18, '0')}`;
}

/** Fields by name, whatever they were, as this message has them. */
const fields: Readonly<Record<string, (draw: Draw) => unknown>> = {
  requestId: ({ serial }) => `f0220000-0000-4000-8000-${serial.toString(16).padStart(12, '0')}`,
  tokenUniqueReference: ({ token }) => `DAPLMC${token.toString(16).padStart(42, '0')}`,
  correlationId: ({ token }) => `D${token}`,
  tokenReferenceID: ({ token }) => visaReference(token),
  lifeCycleTraceID: ({ token }) => 390_000_000_000_000 + token,
  dataValidUntilTimestamp: ({ now }) => inMinutes(now, 60),
  expirationDateTime: ({ now }) => inMinutes(now, 30),
  otpExpirationDate: ({ now }) => inMinutes(now, 30),
  dateTimeOfEvent: ({ now, serial }) => new Date(now - (serial % 3_600_000)).toISOString(),
  tokenActivatedDateTime: ({ now, serial }) => new Date(now - (serial % 3_600_000)).toISOString(),
  accountNumber: ({ serial }) => placeholder('card', serial),
  primaryAccountNumber: ({ serial }) => placeholder('card', serial),
  token: ({ serial }) => placeholder('dpan', serial),
  activationCode: ({ serial }) => placeholder('code', serial),
  otpValue: ({ serial }) => placeholder('code', serial),
  accountHolderName: ({ serial }) => placeholder('text', serial),
  accountHolderEmailAddress: ({ serial }) => placeholder('email', serial),
  emailAddress: ({ serial }) => placeholder('email', serial),
  phoneNumber: ({ serial }) => placeholder('phone', serial),
  deviceNumber: ({ serial }) => placeholder('phone', serial),
  msisdn: ({ serial }) => placeholder('phone', serial),
};

function inMinutes(now: number, minutes: number): string {
  return new Date(now + minutes * 60_000).toISOString();
}

/** The second token of a notice is another than the first. */
function drawn(value: unknown, draw: Draw): unknown {
  if (Array.isArray(value)) return value.map((item, n) => drawn(item, { ...draw, token: draw.token + 1_000 * n }));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => {
      const own = typeof field === 'object' ? undefined : fields[name];
      return [name, own === undefined ? drawn(field, draw) : own(draw)];
    }),
  );
}

function ehiCases(): readonly ((draw: Draw) => Draft)[] {
  const networks: readonly EhiNetwork[] = ['VISA-T', 'MC-MDES'];
  const flows = networks.flatMap((network) =>
    [green(network), yellow(network), yellow(network, 73, 'email')].map((flow) => ({ network, flow })),
  );
  return flows.flatMap(({ network, flow }) =>
    flow.steps.map((_step, n) => ({ token, serial, now }: Draw): Draft => {
      const about = testToken(token, network, { dpan: placeholder('dpan', serial) });
      const message = JSON.parse(
        messagesOfFlow(about, { ...flow, steps: flow.steps.map(({ soap: _soap, ...step }) => step) }, now - 600_000)[n]
          ?.text ?? '{}',
      );
      return { method: 'POST', path: '/v1/inbound/thredd/ehi', body: withEhiSecrets(message, serial) };
    }),
  );
}

function withEhiSecrets(message: EhiMessage, serial: number): EhiMessage {
  const secrets = {
    PaymentToken_activationCode: placeholder('code', serial),
    PaymentToken_activationMethodData: placeholder(
      message.PaymentToken_activationMethod === 2 ? 'email' : 'phone',
      serial,
    ),
    PaymentToken_deviceTelNum: placeholder('phone', serial),
  };
  const held = Object.entries(secrets).filter(([name]) => Object.hasOwn(message, name));
  return { ...message, ...Object.fromEntries(held), TXn_ID: 8_000_000_000 + serial };
}

const kinds = [
  'PROVISIONING_REQUESTED',
  'TOKEN_CREATED',
  'DEVICE_PROVISIONED',
  'ACTIVATION_CODE_ISSUED',
  'TOKEN_SUSPENDED',
  'TOKEN_RESUMED',
  'TOKEN_DELETED',
  'NOTED',
];

function factOf({ token, serial, now }: Draw): Json {
  const kind = kinds[serial % kinds.length];
  return {
    factId: `fuzz-${serial}`,
    kind,
    network: token % 2 === 0 ? 'VTS' : 'MDES',
    occurredAt: new Date(now - (serial % 3_600_000)).toISOString(),
    actor: 'ISSUER',
    tokenType: 'HCE',
    aliases: [{ kind: 'threddPaymentTokenId', value: String(60_000_000 + token) }],
    device: { name: 'Test Pixel', type: 'PHONE' },
    card: { pan: placeholder('card', serial) },
    tokenPan: placeholder('dpan', serial),
    ...(kind === 'ACTIVATION_CODE_ISSUED' && {
      activation: { method: 'SMS', code: placeholder('code', serial), contact: placeholder('phone', serial) },
    }),
  };
}

function oneFact(draw: Draw): Draft {
  return { method: 'POST', path: '/v1/facts', body: factOf(draw) };
}

function manyFacts(draw: Draw): Draft {
  const body = [0, 1, 2].map((n) => factOf({ ...draw, token: draw.token + n, serial: draw.serial + n }));
  return { method: 'POST', path: '/v1/facts', body };
}

function holderOf({ token, serial }: Draw): Json {
  return {
    cards: [
      { kind: 'threddPublicToken', value: String(100_000_000 + (token % 1_000)) },
      { kind: 'pan', value: placeholder('card', serial) },
    ],
    email: placeholder('email', serial),
    phone: placeholder('phone', serial),
    webhook: `https://example.com/${placeholder('text', serial)}`,
    push: `app-${placeholder('text', serial)}`,
    locale: 'en-GB',
  };
}

function oneHolder(draw: Draw): Draft {
  return { method: 'PUT', path: '/v1/cardholders', body: holderOf(draw) };
}

function manyHolders(draw: Draw): Draft {
  return {
    method: 'PUT',
    path: '/v1/cardholders',
    body: [holderOf(draw), holderOf({ ...draw, token: draw.token + 1 })],
  };
}

function foldersIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}
