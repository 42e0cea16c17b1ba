/** The record of a message taken in, keyed by the token's strongest name so that one token's messages keep their order. */
import type { Codec } from '@tokenline/contracts';
import type { InboundMessage } from '@tokenline/domain';
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
