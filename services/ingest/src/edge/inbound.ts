/** The record of a message taken in, keyed by the token's strongest name so that one token's messages keep their order. */
import type { Codec } from '@tokenline/contracts';
import { aliasKey, type FactDraft, type InboundMessage } from '@tokenline/domain';
import { eventHeaders, type OutRecord } from '@tokenline/streams';

const type = 'tokenline.inbound.InboundMessage';

export function inboundRecord(codec: Pick<Codec, 'encode'>, key: string, message: InboundMessage): OutRecord {
  return {
    topic: 'tsp.inbound',
    key,
    value: codec.encode(type, message),
    headers: eventHeaders({
      id: message.inboundId,
      type,
      source: 'ingest',
      time: message.receivedAt,
      traceparent: message.headers.traceparent,
    }),
  };
}

/** The record key of a fact's message: its strongest name. */
export function keyOf(fact: FactDraft): string {
  const [strongest] = fact.aliases;
  return fact.tokenId ?? (strongest === undefined ? fact.factId : aliasKey(strongest));
}
