/** The door for Thredd EHI: GetTransaction as flat JSON or SOAP 1.1 XML, acknowledged in kind once it is durable (visa-vts-and-thredd-ehi.md 5.1). */
import type { Codec } from '@tokenline/contracts';
import { type EhiContext, ehiSource, type FactDraft, mapEhi, rejection } from '@tokenline/domain';
import type { Sealer } from '@tokenline/sealing';
import type { OutRecord } from '@tokenline/streams';
import { newInboundId } from '../ids.js';
import { mediaKind, textOf } from './body.js';
import { splitFields } from './clear-fields.js';
import { type Door, json, type Reply } from './door.js';
import { parseFlatJson } from './flat-json.js';
import { inboundRecord, keyOf } from './inbound.js';
import { parseSoap, soapAcknowledgement } from './soap.js';

export interface EhiDoorParts {
  readonly codec: Pick<Codec, 'encode'>;
  readonly sealer: Sealer;
  readonly context: EhiContext;
  readonly write: (records: readonly OutRecord[]) => Promise<void>;
}

export const ehiOperation = 'GetTransaction';

const acknowledgements: Readonly<Record<'json' | 'xml', Reply>> = {
  json: json(200, { Acknowledgement: '1' }),
  xml: { status: 200, contentType: 'text/xml; charset=utf-8', body: soapAcknowledgement },
};

export function createEhiDoor({ codec, sealer, context, write }: EhiDoorParts): Door {
  return {
    source: ehiSource,
    operation: ehiOperation,
    takesXml: true,
    take: async ({ body, contentType, headers, receivedAt, sender, redriveOf }) => {
      const kind = mediaKind(contentType, body) ?? 'json';
      const text = textOf(body);
      if (text === undefined) return { ok: false, rejection: rejection(kind === 'xml' ? 'NOT_XML' : 'NOT_JSON') };
      const parsed = kind === 'xml' ? parseSoap(text) : parseFlatJson(text);
      if (!parsed.ok) return parsed;
      const { clear, sealed } = await splitFields(parsed.value, sealer);
      // The same mapper the normalizer runs: a sender learns at once what would be refused later.
      const mapping = mapEhi({ fields: clear, sealed, receivedAt }, context);
      if (!mapping.ok) return mapping;
      const [fact] = mapping.facts as [FactDraft];
      const inboundId = newInboundId();
      const record = inboundRecord(codec, keyOf(fact), {
        inboundId,
        source: ehiSource,
        operation: ehiOperation,
        receivedAt,
        sender,
        contentType,
        headers,
        fields: clear,
        sealed,
        original: await sealer.seal('original', body),
        redriveOf,
      });
      return { ok: true, commit: () => write([record]), reply: acknowledgements[kind], inboundId };
    },
  };
}
