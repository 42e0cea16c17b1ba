/**
 * Receipts on their way to the log: what comes together goes together, and the ledger's mark that one is owed is taken away afterwards.
 * What does not get out here (a crash, a log that takes nothing) still carries its mark, and the deadline watch sends it later.
 */
import type { Codec } from '@tokenline/contracts';
import type { Logger } from '@tokenline/runtime';
import type { NoticeDoc } from '@tokenline/store';
import { createGather, type LogWriter, type OutRecord } from '@tokenline/streams';
import type { Ledger } from './ledger.js';
import { type ReceiptsWanted, receiptRecords } from './records.js';

export interface Receipts {
  /** Sends receipts of the entry: those wanted, or all there are where earlier ones may not have got out. Does not wait. */
  readonly send: (doc: NoticeDoc, wanted: ReceiptsWanted) => void;
  /** Resolves when nothing is on its way. */
  readonly idle: () => Promise<void>;
}

const most = 500;

interface Sending {
  readonly doc: NoticeDoc;
  readonly records: readonly OutRecord[];
}

export function createReceipts(codec: Codec, writer: LogWriter, ledger: Ledger, log: Logger): Receipts {
  const onTheirWay = new Set<Promise<void>>();
  const lots = createGather<Sending>(
    async (lot) => {
      try {
        await writer.write(lot.flatMap(({ records }) => records));
        await ledger.clearOwed(lot.map(({ doc }) => doc));
      } catch (error) {
        log.warn({ err: error, receipts: lot.length }, 'Receipts not out yet; they stay owed');
      }
    },
    // Not paced: what changes again before its receipt is out has all its receipts written again.
    { most, paceMs: 0 },
  );

  return {
    send: (doc, wanted) => {
      const records = receiptRecords(codec, doc, doc.receiptsOwed?.all === true ? allOf(doc) : wanted);
      const sent = lots.add([{ doc, records }]).finally(() => onTheirWay.delete(sent));
      onTheirWay.add(sent);
    },
    idle: async () => {
      while (onTheirWay.size > 0) await Promise.all(onTheirWay);
    },
  };
}

/** Every receipt of an entry. */
export function allOf({ alarms, outcome }: NoticeDoc): ReceiptsWanted {
  return { attemptsFrom: 1, alarms: alarms?.length ?? 0, breach: outcome === 'BREACHED' };
}
