/** The deadline watch: marks and alarms what was not sent in time, and sends receipts that a crash left owed. */
import type { Logger } from '@tokenline/runtime';
import type { Clock } from './clock.js';
import type { Ledger } from './ledger.js';
import type { Meters } from './meters.js';
import type { Receipts } from './receipts.js';

const atOnce = 500;
/** A receipt owed for longer than this is nobody's any more. */
const owedForMs = 10_000;

/** One round. Throws when MongoDB does not answer. */
export async function watchOnce(parts: {
  readonly ledger: Ledger;
  readonly receipts: Receipts;
  readonly clock: Clock;
  readonly meters: Meters;
  readonly log: Logger;
}): Promise<void> {
  const { ledger, receipts, clock, meters, log } = parts;
  const now = clock.now();
  for (const doc of await ledger.breachOverdue(atOnce, now)) {
    meters.breached(doc);
    log.error({ noticeId: doc._id, state: doc.state, reason: doc.reason }, 'A notice missed its deadline');
    receipts.send(doc, doc.attempts.length + 1, true);
  }
  for (const doc of await ledger.owing(atOnce, now - owedForMs)) {
    receipts.send(doc, 1, doc.outcome === 'BREACHED');
  }
}
