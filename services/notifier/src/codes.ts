/**
 * Activation codes on their way out: found in the vault by the notice that tells them, opened for one send, wiped when nothing is left to send.
 */
import { codeContactOf } from '@tokenline/domain';
import type { Logger } from '@tokenline/runtime';
import type { Sealer } from '@tokenline/sealing';
import type { NoticeDoc, Vault } from '@tokenline/store';
import { createGather } from '@tokenline/streams';
import type { ContactField } from './channels/port.js';
import type { Addressee } from './contacts.js';
import { createLookup } from './lookup.js';

export interface KnownCode {
  /** The code in clear. Throws OpenError. */
  readonly open: () => Promise<string>;
  readonly addressee: Addressee;
}

export interface Codes {
  /** The code a notice tells; undefined when there is none, or none any more. Throws when the vault does not answer. */
  readonly find: (notice: NoticeDoc) => Promise<KnownCode | undefined>;
  /** Wipes the code of a notice that is over. What fails is left to MongoDB, which wipes it when it lapses. */
  readonly wipe: (notice: NoticeDoc) => Promise<void>;
}

/** Whether a notice tells a code. */
export function tellsCode({ kind }: Pick<NoticeDoc, 'kind'>): boolean {
  return kind === 'ACTIVATION_CODE';
}

export function createCodes(vault: Pick<Vault, 'find' | 'wipe'>, sealer: Pick<Sealer, 'open'>, log: Logger): Codes {
  const look = createLookup(vault.find);
  const wiping = createGather<string>(vault.wipe, { most: 100, paceMs: 0 });
  return {
    find: async (notice) => {
      const kept = await look(notice._id);
      if (kept === undefined) return undefined;
      return {
        open: () => sealer.open('activation-code', kept.codeSealed),
        addressee: addresseeOf(codeContactOf(notice.activation?.method), kept.contactSealed),
      };
    },
    wipe: async (notice) => {
      if (!tellsCode(notice)) return;
      await wiping.add([notice._id]).catch((error: unknown) => {
        log.warn({ err: error, noticeId: notice._id }, 'A code is not wiped yet; MongoDB does it when it lapses');
      });
    },
  };
}

/** A contact its source names goes before the directory's of the same kind. */
function addresseeOf(field: ContactField | undefined, sealed: string | undefined): Addressee {
  if (field === undefined) return { only: [] };
  return { only: [field], ...(sealed !== undefined && { given: { [field]: sealed } }) };
}
