/**
 * Which message became which fact. A message is tied to its facts by what the source itself calls it: EHI by the number of the message, a canonical
 * fact by its factId, a network's own message by what its mapper makes of it. Copies of one message share a fact. A message with no such name can
 * only have become a dead letter; one that its mapper says tells of no token becomes neither.
 */
import {
  canonicalSource,
  ehiSource,
  type InboundMessage,
  type Mapping,
  mapMdes,
  mapVts,
  mdesSource,
  readObject,
  type TokenFact,
  vtsSource,
} from '@tokenline/domain';
import type { Place } from './place.js';

export interface InboundLedger {
  /** A message taken in; undefined when it cannot be read. */
  readonly add: (place: Place, message: InboundMessage | undefined) => void;
  readonly answeredBy: (fact: TokenFact) => void;
  /** How many messages were taken in. */
  readonly count: () => number;
  /** Messages no fact has answered, each copy by itself. */
  readonly unanswered: () => Iterable<Place>;
}

const answered = 'answered';
/** Name of messages that tell of no token. */
const nothing = 'nothing';

export function createInbound(): InboundLedger {
  const messages = new Map<string, Place[] | typeof answered>();
  let count = 0;
  return {
    add: (place, message) => {
      count += 1;
      const name = (message && nameOfMessage(message)) ?? `@${place.partition}/${place.offset}`;
      if (name === nothing) return;
      const copies = messages.get(name);
      if (copies === undefined) messages.set(name, [place]);
      else if (copies !== answered) copies.push(place);
    },
    answeredBy: (fact) => {
      for (const name of namesOfFact(fact)) messages.set(name, answered);
    },
    count: () => count,
    unanswered: function* () {
      for (const copies of messages.values()) if (copies !== answered) yield* copies;
    },
  };
}

/** What ties a message to its facts; undefined when the source gives it no name. */
export function nameOfMessage(message: InboundMessage): string | undefined {
  const { source, fields } = message;
  switch (source) {
    case ehiSource: {
      const field = Object.keys(fields).find((name) => name.toLowerCase() === 'txn_id');
      const number = field === undefined ? undefined : fields[field]?.trim().replace(/^0+/, '');
      return number === undefined || number === '' ? undefined : `${ehiSource} ${number}`;
    }
    case canonicalSource:
      return canonicalName(fields.fact);
    case mdesSource:
      return mappedName(mapMdes(message));
    case vtsSource:
      return mappedName(mapVts(message));
    default:
      return undefined;
  }
}

/** The first fact stands for all of a message's. */
function mappedName(mapping: Mapping): string | undefined {
  if (!mapping.ok) return undefined;
  const [fact] = mapping.facts;
  return fact === undefined ? nothing : `fact ${fact.factId}`;
}

function canonicalName(text: string | undefined): string | undefined {
  try {
    const factId = readObject(JSON.parse(text ?? ''), '', [])?.text('factId');
    return factId === undefined ? undefined : `fact ${factId}`;
  } catch {
    return undefined;
  }
}

/** The names of messages a fact may have come from. */
export function namesOfFact({ source, sourceMessageId, factId }: TokenFact): readonly string[] {
  return source === ehiSource ? [`fact ${factId}`, `${ehiSource} ${sourceMessageId}`] : [`fact ${factId}`];
}
