/** The notifier's metrics. */
import { durationText } from '@tokenline/domain';
import { Counter, Gauge, Histogram, type Registry } from '@tokenline/runtime';
import type { NoticeDoc } from '@tokenline/store';
import type { RecordedAttempt } from './entry.js';

export type ReadResult = 'notice' | 'repeat' | 'no-notice' | 'other-event' | 'unknown-type' | 'dead-letter';

export interface Meters {
  /** Records read from the lifecycle log, by what came of them. */
  readonly read: (result: ReadResult, count?: number) => void;
  readonly attempt: (attempt: RecordedAttempt) => void;
  /** An entry left PENDING. `before`, as it stood then: what was told then is not timed again. */
  readonly ended: (doc: NoticeDoc, before?: NoticeDoc) => void;
  readonly breached: (doc: NoticeDoc) => void;
  /** Nothing has gone out `after` milliseconds. */
  readonly alarmed: (doc: NoticeDoc, after: number) => void;
  readonly leaseLost: () => void;
}

/** `waiting` is asked at each scrape. */
export function createMeters(
  registry: Registry,
  waiting: () => Promise<{ readonly pending: number; readonly overdue: number; readonly soon: number }>,
): Meters {
  const registers = [registry];
  const reads = new Counter({
    name: 'tokenline_notifier_records_total',
    help: 'Lifecycle records read, by what came of them.',
    labelNames: ['result'],
    registers,
  });
  const attempts = new Counter({
    name: 'tokenline_notice_attempts_total',
    help: 'Attempts to send, by channel and outcome.',
    labelNames: ['channel', 'outcome'],
    registers,
  });
  const notices = new Counter({
    name: 'tokenline_notices_total',
    help: 'Notices that left PENDING, by kind, state, outcome (MET, BREACHED, OPEN) and reason of failure or of being called off. One that did not arrive and is sent again leaves it again.',
    labelNames: ['kind', 'state', 'outcome', 'reason'],
    registers,
  });
  const breaches = new Counter({
    name: 'tokenline_notice_breaches_total',
    help: 'Notices whose deadline passed before they were sent, old news aside.',
    labelNames: ['kind'],
    registers,
  });
  const alarms = new Counter({
    name: 'tokenline_notice_alarms_total',
    help: 'Alarms: notices of which nothing had gone out so long after the cause.',
    labelNames: ['kind', 'after'],
    registers,
  });
  const leasesLost = new Counter({
    name: 'tokenline_notice_leases_lost_total',
    help: 'Attempts whose record was refused because the lease had gone to another instance: each may be a double.',
    registers,
  });
  const timeToNotify = new Histogram({
    name: 'tokenline_notice_time_to_notify_seconds',
    help: 'From the cause to the first channel having the notice, once for each notice. A cause dated in the future counts as 0.',
    labelNames: ['kind', 'outcome'],
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 600, 1_200, 1_800, 3_600, 14_400, 86_400],
    registers,
  });
  new Gauge({
    name: 'tokenline_notices_waiting',
    help: 'Notices in PENDING: all, with less than ten minutes left, past the deadline (overdue).',
    labelNames: ['which'],
    registers,
    async collect() {
      const { pending, overdue, soon } = await waiting();
      this.set({ which: 'all' }, pending);
      this.set({ which: 'soon' }, soon);
      this.set({ which: 'overdue' }, overdue);
    },
  });
  return {
    read: (result, count = 1) => reads.inc({ result }, count),
    attempt: ({ channel, outcome }) => attempts.inc({ channel, outcome }),
    ended: ({ kind, state, outcome, reason, dueAt, sentAt }, before) => {
      notices.inc({ kind, state, outcome: outcome ?? 'OPEN', reason: reason ?? '' });
      if (sentAt === undefined || before?.sentAt !== undefined) return;
      const seconds = Math.max(0, sentAt.getTime() - dueAt.getTime()) / 1_000;
      timeToNotify.observe({ kind, outcome: outcome ?? 'OPEN' }, seconds);
    },
    breached: ({ kind }) => breaches.inc({ kind }),
    alarmed: ({ kind }, after) => alarms.inc({ kind, after: durationText(after) }),
    leaseLost: () => leasesLost.inc(),
  };
}
