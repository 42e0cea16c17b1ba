/** A story: what sources say about some tokens, as messages to play and as lines to read. */
import { mapEhi } from '../ehi/map.js';
import { readCanonicalFact } from '../facts/canonical.js';
import type { FactDraft, Mapping } from '../facts/draft.js';
import type { Alias, DeadlinePurpose } from '../generated/records.js';
import { canonicalAlias } from '../identity/alias.js';
import { describeMapping } from '../shuffle/describe.js';
import { mappedOnce, type PlayedMessage } from '../shuffle/world.js';
import { asUtc } from '../time.js';
import { type EhiToken, ehiFields } from './ehi.js';

export interface StoryLine extends PlayedMessage {
  /** When it happened at the network, epoch ms. */
  readonly at: number;
  /** The line as a person reads it. */
  readonly text: () => string;
}

/** Which of its names a message calls its token by: Thredd's id, the network's reference, the lifecycle trace. */
export const nameLetters = ['P', 'R', 'X'] as const;
export type NameLetter = (typeof nameLetters)[number];

/** About which token a message is, and when it says what it says. */
export interface Saying {
  readonly token: EhiToken;
  readonly messageId: number;
  /** Epoch ms. */
  readonly at: number;
  readonly names: readonly NameLetter[];
}

/** The lines in order of their times, as a person would tell the story. */
export function storyText(lines: readonly StoryLine[]): string {
  return [...lines]
    .sort((a, b) => a.at - b.at)
    .map((line) => line.text())
    .join('\n');
}

/** Fixtures keep to London's winter, when its clocks show UTC. */
const winter = { localInstants: (local: Parameters<typeof asUtc>[0]) => [asUtc(local)] };

/** A line in EHI's words. `fields` adds, replaces, or with undefined removes. */
export function ehiLine(saying: Saying, fields: Readonly<Record<string, string | undefined>>): StoryLine {
  const { token, messageId, at, names } = saying;
  const said = ehiFields(token, messageId, {
    Txn_GPS_Date: localStamp(at),
    TXN_Time_DE07: undefined,
    ...fields,
    PaymentToken_id: names.includes('P') ? token.paymentTokenId : '0',
    TokenUniqueReference: names.includes('R') ? token.reference : undefined,
    traceid_lifecycle: names.includes('X') ? token.trace : undefined,
  });
  return line(saying, (receivedAt) => mapEhi({ fields: said, sealed: {}, receivedAt }, winter));
}

/** A line as an adapter that speaks the canonical schema sends it. Where it has no name for the token, and now and then beside one, it knows our id. */
export function canonicalLine(saying: Saying, fact: Readonly<Record<string, unknown>>): StoryLine {
  const knowsId = saying.names.length === 0 || saying.messageId % 3 === 0;
  const said = {
    factId: `canonical:${saying.messageId}`,
    ...(knowsId && { tokenId: `00000000-0000-4000-8000-${saying.token.paymentTokenId.padStart(12, '0')}` }),
    network: saying.token.creator === 'VISA-T' ? 'VTS' : 'MDES',
    occurredAt: saying.at,
    aliases: aliasesOf(saying),
    ...fact,
  };
  return line(saying, (receivedAt) => readCanonicalFact(said, receivedAt));
}

/** A line of Tokenline's own scheduler, which always knows the token; the deadline passed `afterSeconds` after what it counts from. */
export function deadlineLine(given: Saying, purpose: DeadlinePurpose, afterSeconds: number): StoryLine {
  const saying: Saying = given.names.length > 0 ? given : { ...given, names: ['P'] };
  const draft: Omit<FactDraft, 'receivedAt'> = {
    factId: `deadline:${saying.messageId}`,
    network: saying.token.creator === 'VISA-T' ? 'VTS' : 'MDES',
    kind: 'DEADLINE_PASSED',
    occurredAt: saying.at,
    occurredAtSource: 'SOURCE',
    source: 'tokenline',
    sourceMessageId: String(saying.messageId),
    actor: 'TOKENLINE',
    aliases: aliasesOf(saying),
    deadline: { purpose, since: saying.at - afterSeconds * 1_000, dueAt: saying.at },
  };
  return line(saying, (receivedAt): Mapping => ({ ok: true, facts: [{ ...draft, receivedAt }] }));
}

function line({ messageId, at }: Saying, read: PlayedMessage['read']): StoryLine {
  const once = mappedOnce(read);
  return { at, read: once, text: () => `#${messageId}  ${describeMapping(once(0))}` };
}

function aliasesOf({ token, names }: Saying): readonly Alias[] {
  const reference = token.creator === 'VISA-T' ? 'tokenReferenceId' : 'tokenUniqueReference';
  const all = {
    P: canonicalAlias('threddPaymentTokenId', token.paymentTokenId),
    R: canonicalAlias(reference, token.reference),
    X: canonicalAlias('lifecycleTraceId', token.trace),
  };
  return names.flatMap((letter) => all[letter] ?? []);
}

/** `YYYY-MM-DD HH:MM:SS.mmm` */
function localStamp(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').replace('Z', '');
}
