/**
 * What one round sends, and what has to come of it: tokens of every kind and path, in order, reversed and shuffled, with repeats; tokens known by two
 * names apart and joined later; tokens of earlier rounds that something more happens to; messages that must be refused; bytes that are none.
 */
import {
  type Delivery,
  declined,
  deliveriesOf,
  type EhiNetwork,
  type EhiToken,
  type Ending,
  type Flow,
  failedCode,
  followedBy,
  green,
  unanswered,
  withoutDevice,
  withStep,
  yellow,
} from '@tokenline/cli';
import type { Chance } from '@tokenline/domain/testing';
import { aliasOf, messagesOfFlow, splitToken, testToken, zone } from '../../traffic.js';

export type Outgoing =
  | { readonly to: 'ehi' | 'facts'; readonly text: string; readonly contentType: string; readonly refused: boolean }
  | { readonly to: 'log'; readonly topic: 'tsp.inbound' | 'token.facts'; readonly text: string };

/** A token and what is known to have been sent of it. */
export interface Life {
  /** `kind:value`, every one of which must lead to the same token. */
  readonly aliases: readonly string[];
  readonly expected: Partial<Ending> & { readonly notice: boolean };
  /** For messages of later rounds; a joined token has none. */
  readonly ehi?: { readonly token: EhiToken; readonly sent: readonly Delivery[] };
}

export interface RoundTraffic {
  /** Sent side by side, each list in its own order. */
  readonly lists: readonly (readonly Outgoing[])[];
  /** New tokens, and those of earlier rounds as they are to be now; each with the lists that tell of it. */
  readonly lives: readonly { readonly life: Life; readonly lists: readonly (readonly Outgoing[])[] }[];
  /** Texts each of which must become a dead letter. */
  readonly refused: readonly string[];
}

const start = Date.UTC(2030, 0, 15, 10, 0, 0);
const tokensPerRound = 26;
const joinedPerRound = 3;

const held = { kind: 'TEN', after: 300, why: 81, status: 'S', source: 'ISSUER' } as const;
const letGo = { kind: 'TEN', after: 400, why: 80, status: 'A', source: 'ISSUER' } as const;
const deleted = { kind: 'TEN', after: 500, why: 51, status: 'D', source: 'CRDHLR', soap: true } as const;
const suspended = { status: 'SUSPENDED', suspendedBy: ['ISSUER'] } as const;

interface Kind {
  readonly network: EhiNetwork;
  readonly flow: Flow;
  readonly more?: Partial<EhiToken>;
}

const visa = (flow: Flow, more?: Partial<EhiToken>): Kind => ({ network: 'VISA-T', flow, ...(more && { more }) });
const mdes = (flow: Flow, more?: Partial<EhiToken>): Kind => ({ network: 'MC-MDES', flow, ...(more && { more }) });
const onFile = { type: 'CF', wallet: 'MRCHTOKEN', deviceType: 'U' } as const;

const kinds: readonly Kind[] = [
  visa(green('VISA-T')),
  visa(withStep(green('VISA-T'), 2, { repeatAfter: 120 })),
  visa(followedBy(green('VISA-T'), [held], suspended)),
  visa(followedBy(green('VISA-T'), [held, letGo])),
  visa(followedBy(green('VISA-T'), [deleted], { status: 'DELETED' })),
  visa(yellow('VISA-T')),
  visa(yellow('VISA-T', 74)),
  visa(withStep(yellow('VISA-T', 73, 'email'), 3, { repeatAfter: 60 })),
  visa(failedCode(54)),
  visa(unanswered()),
  visa(declined('VISA-T')),
  visa(withoutDevice('VISA-T'), onFile),
  mdes(green('MC-MDES')),
  mdes(withStep(green('MC-MDES'), 1, { repeatAfter: 120 })),
  mdes(yellow('MC-MDES')),
  mdes(followedBy(green('MC-MDES'), [held], suspended)),
  mdes(declined('MC-MDES')),
  mdes(withoutDevice('MC-MDES'), onFile),
];

/** The traffic of a round; `serial` makes its names: no two rounds may have the same. `earlier` are tokens something may yet happen to. */
export function roundTraffic(serial: number, earlier: readonly Life[], chance: Chance): RoundTraffic {
  const first = serial * 1_000;
  const fresh = Array.from({ length: tokensPerRound }, (_, n) => {
    const { network, flow, more } = kinds[(n + serial * tokensPerRound) % kinds.length] as Kind;
    const token = testToken(first + n, network, more);
    const sent = messagesOfFlow(token, flow, start);
    return {
      life: { aliases: [aliasOf(token)], expected: flow.ending, ehi: { token, sent } },
      lists: inSomeOrder(sent.map(ehi), chance),
    };
  });
  const joined = Array.from({ length: joinedPerRound }, (_, n) => joinedToken(first + 100 + n, n));
  const later = chance
    .shuffled(earlier.filter((life) => life.ehi !== undefined))
    .slice(0, 6)
    .map((life, n) => (n < 3 ? heldLater(life, serial * 10 + n) : again(life, chance)));
  const poison = [`not Avro ${serial} a`, `not Avro ${serial} b`];
  const bad = refusedTexts(first + 200);
  const lives = [...fresh, ...joined, ...later];
  // Last come some of each kind that a named point may be waiting for: a completion, a merge, a dead letter.
  const tail = lives.filter((life) => life === fresh[0] || life === joined[0]).flatMap((life) => life.lists);
  const [badLast, ...badOthers] = bad.map(refusedAtTheDoor);
  const others: Outgoing[][] = [
    ...lives.flatMap((life) => life.lists).filter((list) => !tail.includes(list)),
    ...badOthers,
    [{ to: 'log', topic: 'tsp.inbound', text: poison[0] as string }],
    [{ to: 'log', topic: 'token.facts', text: poison[1] as string }],
  ];
  const lists = [...chance.shuffled(others), ...tail, badLast as Outgoing[]];
  return { lists, lives, refused: [...bad, ...poison] };
}

interface Told {
  readonly life: Life;
  readonly lists: Outgoing[][];
}

function ehi({ text, contentType }: Delivery): Outgoing {
  return { to: 'ehi', text, contentType, refused: false };
}

/** A third as they happened, a third backwards, a third anyhow and in two strands at once; here and there one twice. */
function inSomeOrder(messages: readonly Outgoing[], chance: Chance): Outgoing[][] {
  const all = chance.happens(20) ? [...messages, messages[chance.below(messages.length)] as Outgoing] : [...messages];
  switch (chance.below(3)) {
    case 0:
      return [all];
    case 1:
      return [all.toReversed()];
    default: {
      const mixed = chance.shuffled(all);
      const half = Math.ceil(mixed.length / 2);
      return [mixed.slice(0, half), mixed.slice(half)].filter((list) => list.length > 0);
    }
  }
}

/** Something that happens to a token rounds later: its issuer holds it down. */
function heldLater(life: Life, nth: number): Told {
  const { token, sent } = life.ehi as NonNullable<Life['ehi']>;
  if (life.expected.status !== 'ACTIVE') return { life, lists: [sent.slice(-1).map(ehi)] };
  const flow: Flow = { steps: [{ ...held, after: 10_000 + nth }], ending: { ...green('VISA-T').ending } };
  const messages = deliveriesOf(token, flow, { id: () => 8_000_000_000 + nth, start, zone });
  return { life: { ...life, expected: { ...life.expected, ...suspended } }, lists: [messages.map(ehi)] };
}

/** A message of an earlier round, once more. */
function again(life: Life, chance: Chance): Told {
  const { sent } = life.ehi as NonNullable<Life['ehi']>;
  return { life, lists: [[ehi(sent[chance.below(sent.length)] as Delivery)]] };
}

/** A split token. The first of a round tells its facts in the order that makes tokens merge; of the others the three race. */
function joinedToken(n: number, nth: number): Told {
  const reference = { kind: 'tokenReferenceId', value: `DNITHE${String(n).padStart(18, '7')}` };
  const processorId = { kind: 'threddPaymentTokenId', value: String(77_000_000 + n) };
  const facts = splitToken(`joined-${n}`, [reference, processorId], start).map(
    (fact): Outgoing => ({ to: 'facts', text: JSON.stringify(fact), contentType: 'application/json', refused: false }),
  );
  return {
    life: {
      aliases: [reference, processorId].map(({ kind, value }) => `${kind}:${value}`),
      expected: { status: 'ACTIVE', suspendedBy: [], outcome: 'COMPLETED', notice: true },
    },
    lists: nth === 0 ? [facts] : facts.map((fact) => [fact]),
  };
}

function refusedAtTheDoor(text: string): Outgoing[] {
  return [{ to: 'ehi', text, contentType: 'application/json', refused: true }];
}

/** Each is refused at the door for another reason. */
function refusedTexts(n: number): string[] {
  const message = JSON.parse(messagesOfFlow(testToken(n), green('VISA-T'), start)[0]?.text ?? '{}') as object;
  const { Proc_Code: _left, ...without } = message as Record<string, unknown>;
  return [
    `{"Proc_Code": "330000", "TXn_ID": ${n}`,
    JSON.stringify(without),
    JSON.stringify({ ...message, PaymentToken_creator: 'AMEX-T' }),
    JSON.stringify({ ...message, Txn_GPS_Date: '2030-02-30 10:00:00.000' }),
  ];
}
