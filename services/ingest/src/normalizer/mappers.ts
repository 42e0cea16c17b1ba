/** Which mapper reads which source's messages. A mapper is pure: the same message gives the same facts on every replay. */
import {
  canonicalSource,
  type EhiContext,
  ehiSource,
  type InboundMessage,
  type Mapping,
  mapEhi,
  mapMdes,
  mapVts,
  mdesSource,
  readCanonicalFact,
  rejection,
  vtsSource,
} from '@tokenline/domain';
import { withSealed } from '../edge/seal-fact.js';

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
