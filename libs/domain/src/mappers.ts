/** Which mapper reads which source's messages. A mapper is pure: the same message gives the same facts on every replay. */
import { ehiSource, mapEhi } from './ehi/map.js';
import type { EhiContext } from './ehi/message.js';
import { canonicalSource, readCanonicalFact } from './facts/canonical.js';
import type { Mapping } from './facts/draft.js';
import { withSealed } from './facts/sealed.js';
import type { InboundMessage } from './generated/records.js';
import { mapMdes, mdesSource } from './mdes/index.js';
import { rejection } from './reasons.js';
import { mapVts, vtsSource } from './vts/index.js';

export type Mapper = (message: InboundMessage) => Mapping;

/** `context` gives the EHI mapper its time zone. */
export function createMappers(context: EhiContext): ReadonlyMap<string, Mapper> {
  return new Map<string, Mapper>([
    [ehiSource, (message) => mapEhi(message, context)],
    [canonicalSource, mapCanonical],
    [mdesSource, (message) => mapMdes(message)],
    [vtsSource, mapVts],
  ]);
}

/** What the mappers make of a message; one from a source nobody knows is refused. Throws what a mapper throws: a bug. */
export function mapMessage(mappers: ReadonlyMap<string, Mapper>, message: InboundMessage): Mapping {
  const mapper = mappers.get(message.source);
  return mapper === undefined ? { ok: false, rejection: rejection('UNKNOWN_SOURCE') } : mapper(message);
}

function mapCanonical({ fields, sealed, receivedAt }: InboundMessage): Mapping {
  if (fields.fact === undefined) {
    return { ok: false, rejection: rejection('FIELD_MISSING', [{ path: 'fact', message: 'is missing' }]) };
  }
  let fact: unknown;
  try {
    fact = JSON.parse(fields.fact);
  } catch {
    return { ok: false, rejection: rejection('NOT_JSON', [{ path: 'fact', message: 'is not JSON' }]) };
  }
  return readCanonicalFact(withSealed(fact, sealed), receivedAt);
}
