/**
 * The deadline watch: alarms what has not gone out after ten and twenty minutes (or when its policy says), marks and alarms what missed its
 * deadline, and sends receipts that a crash left owed. An alarm whose time went by while nobody watched goes off once, late.
 */
import { durationText } from '@tokenline/domain';
import type { Logger } from '@tokenline/runtime';
import type { Clock } from './clock.js';
import type { Ledger } from './ledger.js';
import type { Meters } from './meters.js';
import { allOf, type Receipts } from './receipts.js';

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
  for (const { doc, raised } of await ledger.raiseAlarms(atOnce, now)) {
    const alarms = doc.alarms ?? [];
    for (const { after } of alarms.slice(alarms.length - raised)) {
      meters.alarmed(doc, after);
      const about = { noticeId: doc._id, state: doc.state, reason: doc.reason, after: durationText(after) };
      log.error(about, 'A notice has not gone out');
    }
    receipts.send(doc, { alarms: raised });
  }
  for (const doc of await ledger.breachOverdue(atOnce, now)) {
    meters.breached(doc);
    log.error({ noticeId: doc._id, state: doc.state, reason: doc.reason }, 'A notice missed its deadline');
    receipts.send(doc, { breach: true });
  }
  for (const doc of await ledger.owing(atOnce, now - owedForMs)) receipts.send(doc, allOf(doc));
}
