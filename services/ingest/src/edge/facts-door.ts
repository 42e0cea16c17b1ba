/** The door for canonical facts: one or an array, all or nothing. Each fact becomes a message of its own, so that identity runs where it runs for all. */
import type { Codec } from '@tokenline/contracts';
import {
  canonicalSource,
  type FactDraft,
  type Fault,
  readCanonicalFact,
  rejection,
  rejectionOf,
  withSealed,
} from '@tokenline/domain';
import type { Sealer } from '@tokenline/sealing';
import type { OutRecord } from '@tokenline/streams';
import { newInboundId } from '../ids.js';
import { textOf } from './body.js';
import { type Door, json, type Submission } from './door.js';
import { parseJson } from './flat-json.js';
import { inboundRecord, keyOf } from './inbound.js';
import { sealFact } from './seal-fact.js';

export interface FactsDoorParts {
  readonly codec: Pick<Codec, 'encode'>;
  readonly sealer: Sealer;
  readonly write: (records: readonly OutRecord[]) => Promise<void>;
}

export const factOperation = 'TokenFact';

export function createFactsDoor({ codec, sealer, write }: FactsDoorParts): Door {
  const recordOf = async (item: unknown, submission: Submission, path: string, alone: boolean) => {
    const { fact, sealed, faults } = await sealFact(item, sealer);
    const mapping = readCanonicalFact(withSealed(fact, sealed), submission.receivedAt);
    const all = [
      ...faults,
      ...(mapping.ok ? [] : mapping.rejection.errors.map((e) => ({ ...e, code: mapping.rejection.code }))),
    ];
    if (!mapping.ok || all.length > 0) {
      return { faults: all.map((fault) => ({ ...fault, path: joined(path, fault.path) })) };
    }
    const inboundId = newInboundId();
    const record = inboundRecord(codec, keyOf(mapping.facts[0] as FactDraft), {
      inboundId,
      source: canonicalSource,
      operation: factOperation,
      receivedAt: submission.receivedAt,
      sender: submission.sender,
      contentType: 'application/json',
      headers: submission.headers,
      fields: { fact: JSON.stringify(fact) },
      sealed,
      original: await sealer.seal('original', JSON.stringify(item)),
      // Only where letter and message are one can a new failure reopen the letter.
      redriveOf: alone ? submission.redriveOf : undefined,
    });
    return { record, inboundId };
  };

  return {
    source: canonicalSource,
    operation: factOperation,
    takesXml: false,
    take: async (submission) => {
      const text = textOf(submission.body);
      if (text === undefined) return { ok: false, rejection: rejection('NOT_JSON') };
      const parsed = parseJson(text);
      if (!parsed.ok) return parsed;
      const many = Array.isArray(parsed.value);
      const items: readonly unknown[] = Array.isArray(parsed.value) ? parsed.value : [parsed.value];
      const made = await Promise.all(
        items.map((item, i) => recordOf(item, submission, many ? `[${i}]` : '', items.length === 1)),
      );
      const [first, ...rest] = made.flatMap((one): readonly Fault[] => ('faults' in one ? one.faults : []));
      if (first !== undefined) return { ok: false, rejection: rejectionOf([first, ...rest]) };
      const records = made.flatMap((one) => ('record' in one ? [one.record] : []));
      const [receipt] = made.flatMap((one) => ('inboundId' in one ? [one.inboundId] : []));
      return {
        ok: true,
        commit: () => write(records),
        reply: json(202, { accepted: records.length }),
        ...(receipt !== undefined && { inboundId: receipt }),
      };
    },
  };
}

function joined(prefix: string, path: string): string {
  return prefix === '' ? path : path === '' ? prefix : `${prefix}.${path}`;
}
