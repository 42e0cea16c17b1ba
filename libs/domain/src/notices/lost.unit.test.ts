import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerLost } from './lost.js';
import { completionPolicy } from './policy.js';
import { type NoticeProgress, nextChannel, type PastAttempt } from './progress.js';

const dueAt = Date.UTC(2030, 0, 15, 10);
const late = dueAt + completionPolicy.escalateAfter + 1;
const failed = (channel: string, reason: string): PastAttempt => ({ channel, outcome: 'FAILED', reason });
const next = (attempts: readonly PastAttempt[], now = late) => {
  const progress: NoticeProgress = { noticeId: 'n', dueAt, createdAt: dueAt, outcome: null, attempts };
  return nextChannel(progress, ['push', 'smtp', 'sms'], now, completionPolicy);
};

describe('a try whose answer was lost', () => {
  it('is asked about at the same channel before another channel is tried', () => {
    expect(next([failed('push', 'timeout')])).toBe('push');
    expect(next([...Array(4).fill(failed('push', 'http-503')), failed('push', 'econnreset')], dueAt)).toBe('push');
  });

  it('is asked about once: a channel that stays silent does not use up the time of the others', () => {
    expect(next([failed('push', 'timeout'), failed('push', 'timeout')])).toBe('smtp');
    expect(next([failed('push', 'timeout'), failed('push', 'http-503')])).toBe('smtp');
  });

  it('is asked about again when it is lost again later', () => {
    const once = [failed('sms', 'timeout'), failed('sms', 'timeout')];
    expect(next([...once, failed('push', 'http-503'), failed('smtp', 'smtp-451'), failed('sms', 'timeout')])).toBe(
      'sms',
    );
  });

  it.each(['http-503', 'econnrefused', 'enotfound', 'contact-unreadable'])('is not what %s means', (reason) => {
    expect(next([failed('push', reason)])).toBe('smtp');
  });

  it('by SMTP cannot be asked about: a repeat there is a second mail', () => {
    expect(next([failed('smtp', 'timeout')])).toBe('sms');
  });

  it('never keeps a notice from the other channels for more than one try in a row', () => {
    const reasons = fc.constantFrom('timeout', 'econnreset', 'http-503', 'econnrefused');
    fc.assert(
      fc.property(fc.array(reasons, { minLength: 2, maxLength: 8 }), (given) => {
        const attempts = given.map((reason) => failed('push', reason));
        const lost = attempts.map(answerLost);
        if (lost.at(-1) === true && lost.at(-2) !== true) expect(next(attempts)).toBe('push');
        else expect(next(attempts)).toBe('smtp');
      }),
    );
  });
});
