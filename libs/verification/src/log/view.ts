/**
 * What the log says, gathered while it is read once: a summary of each token, and just enough of every record to judge it by later.
 * A few kilobytes for each token; states and facts are kept as wire bytes.
 */
import type { Codec, RecordName, TopicName } from '@tokenline/contracts';
import type { Network, TokenType, TopicRecords } from '@tokenline/domain';
import type { Tallies } from '../report.js';
import { createInbound, type InboundLedger } from './inbound.js';
import { createLetters, type Letters } from './letters.js';
import { emptyPack, type Packed } from './packed.js';
import type { Place } from './place.js';
import { createPlaces, type FactPlaces } from './places.js';

/** A completion as announced. */
export interface Announcement extends Place {
  readonly eventId: string;
  /** Offset of the causing fact. */
  readonly causeOffset: number;
  readonly completedAt: number;
  readonly tokenType: TokenType | undefined;
  readonly network: Network | undefined;
  readonly wallet: string | undefined;
}

/** An activation code as announced: by one fact, under one token or more. */
export interface CodeAnnounced {
  /** The first, and the ids of all. */
  readonly first: Place & { readonly tokenId: string };
  readonly eventIds: Set<string>;
}

export interface TokenView {
  readonly tokenId: string;
  /** Every fact under its id, in the order of the log, without sealed values. */
  readonly facts: Packed;
  /** Version its newest event carries. */
  version: number;
  /** Last published state, wire bytes, and where the change that published it lies. */
  state?: { readonly bytes: Buffer; readonly version: number } & Place;
  /** Where its events lie, and the highest offset of a fact that left one. */
  partition: number;
  lastCause: number;
  /** The reading that brought the newest of it: an event, its state or its memory. */
  newestIn: number;
  announced?: Announcement;
  /** Deadlines told to have passed (deadlineKey), with where the event lies. */
  deadlines?: Map<string, Place>;
  /** From TokenMerged. */
  merged?: { readonly into: string } & Place;
  /** Last record of token.state and lifecycle.store; bytes are null for a tombstone. */
  published?: { readonly bytes: Buffer | null } & Place;
  stored?: { readonly bytes: Buffer | null } & Place;
}

/** One lifecycle event, as far as the timeline repeats it. */
export interface EventRow extends Place {
  readonly type: string;
  /** The look that found it in the timeline; 0 when none has. */
  shownIn: number;
}

export interface View {
  readonly codec: Codec;
  readonly tokens: Map<string, TokenView>;
  readonly places: FactPlaces;
  readonly inbound: InboundLedger;
  readonly letters: Letters;
  /** Lifecycle events by id. */
  readonly events: Map<string, EventRow>;
  /** Activation codes announced, by the id of the notice each is due. */
  readonly codes: Map<string, CodeAnnounced>;
  /** Ids of notices that have a message on the log, and of those with a receipt of having gone out. */
  readonly told: Set<string>;
  readonly receipted: Set<string>;
  /** Records nobody can read, outside tsp.inbound and token.facts. */
  readonly unreadable: ({ readonly topic: TopicName } & Place)[];
  /** Verdicts that are reached record by record. */
  readonly tallies: Tallies;
  /** Strong names that some fact carries, as alias keys. */
  readonly strongNames: Set<string>;
  /** By partition of token.facts: facts below this offset are older than dead letters are kept. */
  readonly lettersLapsed: Map<number, number>;
  /** Counts up each time the topics are read on. */
  reading: number;
}

/** A view of a log of which nothing has been read. */
export function createView(codec: Codec, tallies: Tallies): View {
  return {
    codec,
    tallies,
    tokens: new Map(),
    places: createPlaces(),
    inbound: createInbound(),
    letters: createLetters(),
    events: new Map(),
    codes: new Map(),
    told: new Set(),
    receipted: new Set(),
    unreadable: [],
    strongNames: new Set(),
    lettersLapsed: new Map(),
    reading: 0,
  };
}

/** The summary of a token; made when it is new. */
export function tokenOf(view: View, tokenId: string): TokenView {
  const known = view.tokens.get(tokenId);
  if (known !== undefined) return known;
  const made: TokenView = { tokenId, facts: emptyPack(), version: 0, partition: -1, lastCause: -1, newestIn: 0 };
  view.tokens.set(tokenId, made);
  return made;
}

/** The value of wire bytes of a known type. Throws when they are something else: they were read as that type before. */
export async function valueFrom<N extends RecordName>(codec: Codec, type: N, bytes: Buffer): Promise<TopicRecords[N]> {
  const decoded = await codec.decode(bytes);
  if (decoded.ok && decoded.type === type) return decoded.value as TopicRecords[N];
  throw new Error(`Bytes kept as ${type} cannot be read again.`);
}
