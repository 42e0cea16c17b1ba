/**
 * Receipts on their way to the log: what comes together goes together, and the ledger's mark that one is owed is taken away afterwards.
 * What does not get out here (a crash, a log that takes nothing) still carries its mark, and the deadline watch sends it later.
 */
import type { Codec } from '@tokenline/contracts';
import type { Logger } from '@tokenline/runtime';
import type { NoticeDoc } from '@tokenline/store';
import type { LogWriter, OutRecord } from '@tokenline/streams';
import type { Ledger } from './ledger.js';
import { type ReceiptsWanted, receiptRecords } from './records.js';

export interface Receipts {
  /** Sends receipts of the entry: those wanted, or all there are where earlier ones may not have got out. Does not wait. */
  readonly send: (doc: NoticeDoc, wanted: ReceiptsWanted) => void;
  /** Resolves when nothing is on its way. */
  readonly idle: () => Promise<void>;
}

export function createReceipts(codec: Codec, writer: LogWriter, ledger: Ledger, log: Logger): Receipts {
  let waiting: { doc: NoticeDoc; records: readonly OutRecord[] }[] = [];
  let running: Promise<void> | undefined;

  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await writer.write(batch.flatMap((one) => one.records));
        await ledger.clearOwed(batch.map((one) => one.doc));
      } catch (error) {
        log.warn({ err: error, receipts: batch.length }, 'Receipts not out yet; they stay owed');
      }
    }
    running = undefined;
  };

  return {
    send: (doc, wanted) => {
      const records = receiptRecords(codec, doc, doc.receiptsOwed?.all === true ? allOf(doc) : wanted);
      waiting.push({ doc, records });
      running ??= drain();
    },
    idle: async () => {
      while (running !== undefined) await running;
    },
  };
}

/** Every receipt of an entry. */
export function allOf({ alarms, outcome }: NoticeDoc): ReceiptsWanted {
  return { attemptsFrom: 1, alarms: alarms?.length ?? 0, breach: outcome === 'BREACHED' };
}
