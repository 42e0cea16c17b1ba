/**
 * The vault of activation codes: where a code waits, sealed, from the moment its message is read to the moment it is told.
 *
 *   (nothing) ── put, by ingest ──▶ held ── wiped: told, or never to be told ──▶ empty ── wipeAt ──▶ (nothing)
 *                                     └──────────────────── wipeAt ──────────────────────────────────────▲
 *
 * - Put before the fact is published, so whoever reads of a code finds it here. The log, kept for ever, never has it.
 * - A message that comes again puts nothing: the first stands, and an emptied place stays empty until wipeAt. That is why wiping leaves the place.
 * - From wipeAt on nothing is put, and MongoDB removes what is there within about a minute; nobody may use it meanwhile.
 */
import type { Collection } from 'mongodb';
import type { ActivationCodeDoc } from './collections.js';

export interface CodeToKeep {
  readonly noticeId: string;
  /** JWE of the code. */
  readonly codeSealed: string;
  /** JWE of the phone number or e-mail address its source names. */
  readonly contactSealed?: string | undefined;
  /** Epoch milliseconds. */
  readonly wipeAt: number;
}

export interface KeptCode {
  readonly codeSealed: string;
  readonly contactSealed?: string | undefined;
}

export interface Vault {
  /** Keeps codes whose time is not up at `now` (epoch ms). Throws when MongoDB does not answer. */
  readonly put: (codes: readonly CodeToKeep[], now: number) => Promise<void>;
  /** Codes by notice; one of which there is none, or none any more, is not among them. Throws when MongoDB does not answer. */
  readonly find: (noticeIds: readonly string[]) => Promise<ReadonlyMap<string, KeptCode>>;
  /** Wipes the codes of notices. Throws when MongoDB does not answer. */
  readonly wipe: (noticeIds: readonly string[]) => Promise<void>;
}

export function createVault(codes: Collection<ActivationCodeDoc>): Vault {
  return {
    put: async (given, now) => {
      const operations = given
        .filter(({ wipeAt }) => wipeAt > now)
        .map(({ noticeId: _id, codeSealed, contactSealed, wipeAt }) => {
          const doc = { codeSealed, ...(contactSealed !== undefined && { contactSealed }), wipeAt: new Date(wipeAt) };
          return { updateOne: { filter: { _id }, update: { $setOnInsert: doc }, upsert: true } };
        });
      if (operations.length > 0) await codes.bulkWrite(operations, { ordered: false });
    },
    find: async (noticeIds) => {
      const found = await codes.find({ _id: { $in: [...noticeIds] } }).toArray();
      return new Map(
        found.flatMap(({ _id, codeSealed, contactSealed }) =>
          codeSealed === undefined ? [] : [[_id, { codeSealed, contactSealed }]],
        ),
      );
    },
    wipe: async (noticeIds) => {
      await codes.updateMany({ _id: { $in: [...noticeIds] } }, { $unset: { codeSealed: '', contactSealed: '' } });
    },
  };
}
