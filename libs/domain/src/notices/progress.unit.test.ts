import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NoticeOutcome } from './notice.js';
import { activationCodePolicy, completionPolicy, type NoticePolicy, usualTerms } from './policy.js';
import {
  type AttemptOutcome,
  afterAttempt,
  calledOff,
  hasEnded,
  hasGoneStale,
  isStale,
  type NoticeProgress,
  type NoticeStep,
  nextAlarmAt,
  nextChannel,
  type PastAttempt,
  soonest,
  withoutChannel,
} from './progress.js';

const dueAt = Date.UTC(2030, 0, 15, 10);
const minute = 60_000;
const deadlineAt = dueAt + 30 * minute;
const channels = ['smtp', 'programme-webhook'] as const;

function progress(fields: Partial<NoticeProgress> = {}): NoticeProgress {
  return {
    noticeId: 'completion-a',
    dueAt,
    deadlineAt,
    createdAt: dueAt + 500,
    outcome: null,
    attempts: [],
    ...fields,
  };
}

const failed = (channel: string, count: number): PastAttempt[] =>
  Array.from({ length: count }, () => ({ channel, outcome: 'FAILED' as const }));

interface Run {
  readonly steps: readonly NoticeStep[];
  readonly attempts: readonly (PastAttempt & { readonly at: number })[];
}

/** Plays a notice against a provider on a virtual clock, as the dispatcher would, until it ends. */
function play(
  answer: (channel: string, at: number, n: number) => AttemptOutcome,
  start = progress(),
  policy = completionPolicy as NoticePolicy,
): Run {
  const steps: NoticeStep[] = [];
  const attempts: (PastAttempt & { at: number })[] = [];
  let [at, outcome] = [start.createdAt, start.outcome];
  while (attempts.length < 3_000) {
    const now = { ...start, outcome, attempts };
    const channel = nextChannel(now, channels, at, policy);
    if (channel === undefined) throw new Error('A notice with no channel left must have ended.');
    const result = { channel, outcome: answer(channel, at, attempts.length), at };
    const step = afterAttempt(now, result, channels, policy);
    attempts.push(result);
    steps.push(step);
    outcome = step.outcome;
    if (step.state !== 'PENDING') return { steps, attempts };
    at = step.nextAttemptAt;
  }
  throw new Error('The notice never ended.');
}

describe('a notice that goes out', () => {
  it('is MET up to the deadline and BREACHED one millisecond after it', () => {
    const sentAt = (at: number) =>
      afterAttempt(progress(), { channel: 'smtp', outcome: 'ACCEPTED', at }, channels, completionPolicy);
    expect(sentAt(deadlineAt)).toEqual({ state: 'SENT', sentAt: deadlineAt, outcome: 'MET' });
    expect(sentAt(deadlineAt + 1)).toEqual({ state: 'SENT', sentAt: deadlineAt + 1, outcome: 'BREACHED' });
  });

  it('is DELIVERED at once where the channel says so', () => {
    const at = dueAt + 900;
    const step = afterAttempt(
      progress(),
      { channel: 'outbox', outcome: 'DELIVERED', at },
      ['outbox'],
      completionPolicy,
    );
    expect(step).toEqual({ state: 'DELIVERED', sentAt: at, deliveredAt: at, outcome: 'MET' });
  });

  it('has nothing to meet without a deadline', () => {
    const step = afterAttempt(
      progress({ deadlineAt: undefined }),
      { channel: 'smtp', outcome: 'ACCEPTED', at: dueAt + 99 * minute },
      channels,
      completionPolicy,
    );
    expect(step.outcome).toBeNull();
  });

  it('is hurried by the time since it became known when its cause is dated in the future', () => {
    const learned = dueAt - 10 * minute;
    const late = progress({ createdAt: learned, attempts: failed('smtp', 6) });
    const at = learned + 30 * minute - 30_000;
    const step = afterAttempt(late, { channel: 'smtp', outcome: 'FAILED', at }, ['smtp'], completionPolicy);
    // A third of the half minute that is left, not of the ten minutes to the stated deadline.
    expect(step).toMatchObject({ state: 'PENDING', nextAttemptAt: at + 10_000 });
  });

  it('counts as in time when its cause is dated in the future', () => {
    const { steps } = play(() => 'ACCEPTED', progress({ createdAt: Date.UTC(2026, 0, 1) }));
    expect(steps).toEqual([{ state: 'SENT', sentAt: Date.UTC(2026, 0, 1), outcome: 'MET' }]);
  });
});

describe('the channel whose turn it is', () => {
  it('is the first, until it has failed so often in a row, then the next, then the first again', () => {
    const turn = (attempts: PastAttempt[]) =>
      nextChannel(progress({ attempts }), channels, dueAt + minute, completionPolicy);
    expect(turn([])).toBe('smtp');
    expect(turn(failed('smtp', 4))).toBe('smtp');
    expect(turn(failed('smtp', 5))).toBe('programme-webhook');
    expect(turn([...failed('smtp', 5), ...failed('programme-webhook', 4)])).toBe('programme-webhook');
    expect(turn([...failed('smtp', 5), ...failed('programme-webhook', 5)])).toBe('smtp');
  });

  it('changes with every failure from ten minutes on', () => {
    const turn = (at: number) => nextChannel(progress({ attempts: failed('smtp', 1) }), channels, at, completionPolicy);
    expect(turn(dueAt + 10 * minute - 1)).toBe('smtp');
    expect(turn(dueAt + 10 * minute)).toBe('programme-webhook');
  });

  it('is never one that refused', () => {
    const refused: PastAttempt = { channel: 'smtp', outcome: 'REJECTED' };
    expect(nextChannel(progress({ attempts: [refused] }), channels, dueAt, completionPolicy)).toBe('programme-webhook');
    expect(nextChannel(progress({ attempts: [refused] }), ['smtp'], dueAt, completionPolicy)).toBeUndefined();
  });

  it('is found among the channels that exist now, whatever was tried before', () => {
    expect(nextChannel(progress({ attempts: failed('retired', 3) }), channels, dueAt, completionPolicy)).toBe('smtp');
  });
});

describe('a provider in trouble', () => {
  it('down for 25 minutes on the first channel: MET through the second, within two minutes', () => {
    const { steps, attempts } = play((channel, at) =>
      channel === 'smtp' && at < dueAt + 25 * minute ? 'FAILED' : 'ACCEPTED',
    );
    expect(steps.at(-1)).toMatchObject({ state: 'SENT', outcome: 'MET' });
    expect(attempts.at(-1)).toMatchObject({ channel: 'programme-webhook' });
    expect((attempts.at(-1)?.at as number) - dueAt).toBeLessThan(2 * minute);
  });

  it('down for 40 minutes on all: sent late, BREACHED, within the next quarter of an hour', () => {
    const { steps, attempts } = play((_, at) => (at < dueAt + 40 * minute ? 'FAILED' : 'ACCEPTED'));
    expect(steps.at(-1)).toMatchObject({ state: 'SENT', outcome: 'BREACHED' });
    expect((attempts.at(-1)?.at as number) - dueAt).toBeLessThan(55 * minute);
  });

  it('down for good: tried on to the last before the deadline, then more rarely, FAILED after a day', () => {
    const { steps, attempts } = play(() => 'FAILED');
    expect(steps.at(-1)).toEqual({ state: 'FAILED', reason: 'exhausted', outcome: 'BREACHED' });
    const inTime = attempts.filter((a) => a.at <= deadlineAt);
    expect(deadlineAt - (inTime.at(-1)?.at as number)).toBeLessThan(minute);
    expect(attempts.length).toBeLessThan(300);
    expect((attempts.at(-1)?.at as number) - dueAt).toBeGreaterThan(23 * 60 * minute);
  });

  it('refusing on every channel: FAILED at once, with no outcome while the deadline is open', () => {
    const { steps } = play(() => 'REJECTED');
    expect(steps).toHaveLength(2);
    expect(steps[0]).toEqual({ state: 'PENDING', nextAttemptAt: dueAt + 500, outcome: null });
    expect(steps[1]).toEqual({ state: 'FAILED', reason: 'refused', outcome: null });
  });
});

describe('the next attempt', () => {
  const failedAt = (at: number, fields: { retryAfter?: number; before?: number } = {}) =>
    afterAttempt(
      progress({ attempts: failed('smtp', fields.before ?? 0) }),
      {
        channel: 'smtp',
        outcome: 'FAILED',
        at,
        ...(fields.retryAfter !== undefined && { retryAfter: fields.retryAfter }),
      },
      ['smtp'],
      completionPolicy,
    );

  it('comes when the channel asks for it', () => {
    const at = dueAt + minute;
    expect(failedAt(at, { retryAfter: 30_000 })).toMatchObject({ state: 'PENDING', nextAttemptAt: at + 30_000 });
  });

  it('comes within a minute while the deadline can be met, and within a third of what is left of the time', () => {
    for (const left of [29, 10, 2, 1]) {
      const step = failedAt(deadlineAt - left * minute, { before: 20 });
      const pause = step.state === 'PENDING' ? step.nextAttemptAt - (deadlineAt - left * minute) : Number.NaN;
      expect(pause).toBeGreaterThan(0);
      expect(pause).toBeLessThanOrEqual(Math.min(minute, (left * minute) / 3));
    }
  });

  it('comes up to a day after the notice became known, and not a moment later', () => {
    const last = progress().createdAt + 24 * 60 * minute - 30_000;
    expect(failedAt(last, { retryAfter: 30_000 })).toMatchObject({ state: 'PENDING', nextAttemptAt: last + 30_000 });
    expect(failedAt(last + 1, { retryAfter: 30_000 })).toMatchObject({ state: 'FAILED', reason: 'exhausted' });
  });
});

describe('a notice that ends at its deadline', () => {
  const code = progress({ noticeId: 'activation-code-a' });

  it('has ended from the deadline on; one that does not is sent late', () => {
    expect(hasEnded(code, deadlineAt - 1, activationCodePolicy)).toBe(false);
    expect(hasEnded(code, deadlineAt, activationCodePolicy)).toBe(true);
    expect(hasEnded(code, deadlineAt + 99 * minute, completionPolicy)).toBe(false);
    expect(hasEnded(progress({ deadlineAt: undefined }), deadlineAt, activationCodePolicy)).toBe(false);
  });

  it('is called off with its reason; BREACHED only once the deadline has passed', () => {
    expect(calledOff(code, 'no-code', dueAt)).toEqual({ state: 'CANCELLED', reason: 'no-code', outcome: null });
    expect(calledOff(code, 'expired', deadlineAt + 1)).toEqual({
      state: 'CANCELLED',
      reason: 'expired',
      outcome: 'BREACHED',
    });
  });

  it('is tried every few seconds while every channel is down, on each in turn, up to the last, and then called off', () => {
    const { steps, attempts } = play(() => 'FAILED', code, activationCodePolicy);
    expect(steps.at(-1)).toEqual({ state: 'CANCELLED', reason: 'expired', outcome: null });
    attempts.forEach((attempt, i) => {
      expect(attempt.at).toBeLessThan(deadlineAt);
      if (i > 0) expect(attempt.at - (attempts[i - 1]?.at as number)).toBeLessThanOrEqual(10_000);
    });
    expect(deadlineAt - (attempts.at(-1)?.at as number)).toBeLessThanOrEqual(1_000);
    expect(attempts.slice(0, 4).map(({ channel }) => channel)).toEqual([...Array(3).fill('smtp'), 'programme-webhook']);
    expect((attempts[3]?.at as number) - dueAt).toBeLessThan(10_000);
  });

  it('gets through as soon as a channel is up again', () => {
    const back = dueAt + 5 * minute;
    const { steps, attempts } = play((_, at) => (at < back ? 'FAILED' : 'ACCEPTED'), code, activationCodePolicy);
    expect(steps.at(-1)).toMatchObject({ state: 'SENT', outcome: 'MET' });
    expect((attempts.at(-1)?.at as number) - back).toBeLessThanOrEqual(10_000);
  });
});

describe('old news', () => {
  const day = 24 * 60 * minute;

  it('is a cause that becomes known longer after it happened than the policy allows', () => {
    const terms = usualTerms('PROVISIONING_COMPLETED');
    expect([isStale(dueAt, dueAt + day, terms), isStale(dueAt, dueAt + day + 1, terms)]).toEqual([false, true]);
    expect(isStale(dueAt, dueAt - 400 * day, terms)).toBe(false);
    expect(isStale(dueAt, dueAt + 400 * day, usualTerms('ACTIVATION_CODE'))).toBe(false);
  });

  it('is a notice nobody was there to send, from a last pause after the time for it', () => {
    const { createdAt } = progress();
    const limit = createdAt + day + 15 * minute;
    expect(hasGoneStale(progress(), limit, completionPolicy)).toBe(false);
    expect(hasGoneStale(progress(), limit + 1, completionPolicy)).toBe(true);
  });
});

describe('alarms', () => {
  const terms = usualTerms('PROVISIONING_COMPLETED');
  const at = (fields: Partial<NoticeProgress>, raised: number) => {
    const next = nextAlarmAt(progress(fields), terms, raised);
    return next === undefined ? undefined : next - dueAt;
  };

  it('go off ten and twenty minutes after the cause', () => {
    expect([0, 1, 2].map((raised) => at({}, raised))).toEqual([10 * minute, 20 * minute, undefined]);
  });

  it('count from when we learned of a cause dated in the future', () => {
    expect(at({ createdAt: dueAt - 60 * minute }, 0)).toBe(-50 * minute);
  });

  it('leave a cause that becomes known late a minute to be told', () => {
    expect(at({ createdAt: dueAt + 15 * minute }, 0)).toBe(16 * minute);
    expect(at({ createdAt: dueAt + 15 * minute }, 1)).toBe(20 * minute);
  });

  it('are no more once the deadline has passed: that is told as a breach', () => {
    expect(at({ deadlineAt: dueAt + 10 * minute }, 0)).toBeUndefined();
    expect(at({ deadlineAt: dueAt + 10 * minute + 1 }, 0)).toBe(10 * minute);
    expect(at({ deadlineAt: undefined }, 1)).toBe(20 * minute);
  });

  it('are none where the policy names none', () => {
    expect(nextAlarmAt(progress(), usualTerms('TOKEN_DELETED'))).toBeUndefined();
  });

  it('rise, never come before the cause is known, and never with or after the deadline unless it was known too late', () => {
    fc.assert(
      fc.property(fc.integer({ min: -90 * minute, max: 90 * minute }), (late) => {
        const createdAt = dueAt + late;
        const times = [0, 1].map((raised) => nextAlarmAt(progress({ createdAt }), terms, raised) as number);
        expect(times[0]).toBeGreaterThan(createdAt);
        expect(times[1]).toBeGreaterThanOrEqual(times[0] as number);
        if (late <= 0) expect(times[1]).toBeLessThan(deadlineAt);
      }),
    );
  });
});

describe('quiet hours', () => {
  const quiet: NoticePolicy = {
    id: 'night/1',
    ...usualTerms('TOKEN_UNUSED'),
    quietHours: { from: '22:00', to: '07:00', zone: 'Europe/London' },
  };
  const night = Date.UTC(2030, 0, 15, 23);
  const morning = Date.UTC(2030, 0, 16, 7);

  it('put a notice off to their end, and nothing that has none', () => {
    expect([soonest(night, quiet), soonest(morning, quiet)]).toEqual([morning, morning]);
    expect(soonest(night, completionPolicy)).toBe(night);
  });

  it('put a retry off as well', () => {
    const start = progress({ dueAt: night - 2 * minute, deadlineAt: undefined, createdAt: night - 61 * minute });
    const failure = { channel: 'smtp', outcome: 'FAILED', at: Date.UTC(2030, 0, 15, 21, 59, 59) } as const;
    expect(afterAttempt(start, failure, channels, quiet)).toMatchObject({ state: 'PENDING', nextAttemptAt: morning });
  });

  it('are kept by every attempt, whatever the channels answer', () => {
    const learned = fc.integer({ min: 0, max: 24 * 60 * minute });
    const answers = fc.infiniteStream(fc.constantFrom<AttemptOutcome>('FAILED', 'FAILED', 'FAILED', 'ACCEPTED'));
    fc.assert(
      fc.property(learned, answers, (late, stream) => {
        const first = soonest(dueAt + late, quiet);
        const start = progress({ deadlineAt: undefined, createdAt: first });
        const { attempts } = play(() => stream.next().value as AttemptOutcome, start, quiet);
        for (const attempt of attempts) expect(soonest(attempt.at, quiet)).toBe(attempt.at);
      }),
    );
  });
});

describe('a notice no channel can carry', () => {
  it('is FAILED with its reason; BREACHED only once the deadline has passed', () => {
    expect(withoutChannel(progress(), 'no-contact', dueAt + minute)).toEqual({
      state: 'FAILED',
      reason: 'no-contact',
      outcome: null,
    });
    expect(withoutChannel(progress(), 'no-contact', deadlineAt + 1).outcome).toBe('BREACHED');
  });
});

describe('whatever the channels answer', () => {
  const answers = fc.infiniteStream(
    fc.constantFrom<AttemptOutcome>('ACCEPTED', 'DELIVERED', 'REJECTED', 'FAILED', 'FAILED'),
  );
  const learned = fc.integer({ min: -90 * minute, max: 90 * minute });

  it('the outcome is decided once and is the truth about the sending', () => {
    fc.assert(
      fc.property(answers, learned, fc.constantFrom<NoticeOutcome | null>(null, 'BREACHED'), (stream, late, before) => {
        const start = progress({ createdAt: dueAt + late, outcome: before });
        const { steps } = play(() => stream.next().value as AttemptOutcome, start);
        const outcomes = [before, ...steps.map((s) => s.outcome)].filter((o) => o !== null);
        expect(new Set(outcomes).size).toBeLessThanOrEqual(1);
        const last = steps.at(-1) as NoticeStep;
        if (last.state === 'SENT' || last.state === 'DELIVERED') {
          expect(last.outcome).toBe(before ?? (last.sentAt <= deadlineAt ? 'MET' : 'BREACHED'));
        } else expect(last.outcome).not.toBe('MET');
      }),
    );
  });

  it('nothing is sent after it went out, nothing goes to a channel that refused, and time only moves forward', () => {
    fc.assert(
      fc.property(answers, learned, (stream, late) => {
        const { attempts } = play(() => stream.next().value as AttemptOutcome, progress({ createdAt: dueAt + late }));
        const refused = new Set<string>();
        attempts.forEach((attempt, i) => {
          expect(refused.has(attempt.channel)).toBe(false);
          if (attempt.outcome === 'REJECTED') refused.add(attempt.channel);
          if (i < attempts.length - 1) expect(['FAILED', 'REJECTED']).toContain(attempt.outcome);
          if (i > 0) expect(attempt.at).toBeGreaterThanOrEqual(attempts[i - 1]?.at as number);
        });
      }),
    );
  });
});
