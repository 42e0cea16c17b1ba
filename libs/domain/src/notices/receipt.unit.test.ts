import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { activationCodePolicy, completionPolicy } from './policy.js';
import { afterReceipt, type HandOver, type NoticeHanded, type ReceiptStatus, receiptStatusOf } from './receipt.js';

const dueAt = Date.UTC(2030, 0, 15, 10);
const minute = 60_000;
const deadlineAt = dueAt + 30 * minute;
const taken: HandOver = { channel: 'sms', outcome: 'ACCEPTED', at: dueAt + minute };
const sent: NoticeHanded = {
  noticeId: 'completion-1',
  dueAt,
  deadlineAt,
  createdAt: dueAt,
  state: 'SENT',
  sentAt: taken.at,
  outcome: 'MET',
  tellsCode: false,
  attempts: [taken],
};
const hear = (
  status: ReceiptStatus,
  notice: NoticeHanded = sent,
  now = dueAt + 2 * minute,
  at?: number,
  channel = 'sms',
) => afterReceipt(notice, { channel, status, at }, now, notice.tellsCode ? activationCodePolicy : completionPolicy);

describe('a receipt', () => {
  it('of a delivery makes it DELIVERED, when the channel says it was', () => {
    expect(hear('delivered', sent, dueAt + 5 * minute, dueAt + 3 * minute)).toEqual({
      state: 'DELIVERED',
      sentAt: taken.at,
      deliveredAt: dueAt + 3 * minute,
      outcome: 'MET',
    });
  });

  it('does not believe a clock that puts the arrival before the hand-over or into the future', () => {
    expect(hear('delivered', sent, dueAt + 5 * minute, 0)).toMatchObject({ deliveredAt: taken.at });
    expect(hear('delivered', sent, dueAt + 5 * minute, deadlineAt)).toMatchObject({ deliveredAt: dueAt + 5 * minute });
  });

  it('settles a hand-over whose answer was lost', () => {
    const lost: HandOver = { channel: 'sms', outcome: 'FAILED', reason: 'timeout', at: dueAt + minute };
    const pending: NoticeHanded = { ...sent, state: 'PENDING', sentAt: undefined, outcome: null, attempts: [lost] };
    expect(hear('delivered', pending)).toMatchObject({ state: 'DELIVERED', sentAt: lost.at, outcome: 'MET' });
    expect(hear('delivered', { ...pending, outcome: 'BREACHED' })).toMatchObject({ outcome: 'BREACHED' });
    expect(hear('delivered', { ...pending, deadlineAt: dueAt })).toMatchObject({ outcome: 'BREACHED' });
    expect(hear('undelivered', pending)).toMatchObject({ state: 'PENDING' });
  });

  it('of a message that did not arrive sends the notice on its way again', () => {
    expect(hear('undelivered')).toEqual({ state: 'PENDING', nextAttemptAt: dueAt + 2 * minute });
  });

  it('of a message that did not arrive ends it where time is up, or the code is wiped', () => {
    expect(hear('undelivered', sent, dueAt + completionPolicy.giveUpAfter + 1)).toEqual({
      state: 'FAILED',
      reason: 'undelivered',
    });
    expect(hear('undelivered', { ...sent, tellsCode: true })).toEqual({ state: 'FAILED', reason: 'undelivered' });
  });

  it('about a channel that another has taken over from changes nothing', () => {
    const gone: HandOver = { channel: 'sms', outcome: 'REJECTED', reason: 'undelivered', at: dueAt + 2 * minute };
    const mailed: HandOver = { channel: 'smtp', outcome: 'ACCEPTED', at: dueAt + 3 * minute };
    const again = { ...sent, attempts: [taken, gone, mailed] };
    expect(hear('undelivered', again)).toEqual({ state: 'same', because: 'known' });
    expect(hear('undelivered', { ...again, attempts: [taken, mailed] })).toEqual({ state: 'same', because: 'known' });
    expect(hear('delivered', again)).toMatchObject({ state: 'DELIVERED' });
    expect(hear('undelivered', { ...sent, state: 'PENDING', attempts: [taken, gone] })).toMatchObject({
      because: 'known',
    });
  });

  it('of a channel that never had it, and of a message still under way, changes nothing', () => {
    expect(hear('delivered', sent, dueAt, undefined, 'push')).toEqual({ state: 'same', because: 'never-sent' });
    expect(hear('under-way')).toEqual({ state: 'same', because: 'under-way' });
    const refused: HandOver = { channel: 'sms', outcome: 'REJECTED', at: dueAt };
    expect(hear('delivered', { ...sent, state: 'FAILED', attempts: [refused] })).toMatchObject({
      because: 'never-sent',
    });
  });

  it('never takes a delivery back, and heard twice says nothing new', () => {
    const states = fc.constantFrom('PENDING', 'SENT', 'DELIVERED', 'FAILED', 'CANCELLED');
    const outcomes = fc.constantFrom('ACCEPTED', 'FAILED', 'REJECTED', 'DELIVERED');
    const attempt = fc.record({ channel: fc.constantFrom('sms', 'push'), outcome: outcomes, at: fc.constant(dueAt) });
    const statuses = fc.array(fc.constantFrom<ReceiptStatus>('delivered', 'undelivered', 'under-way'), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(states, fc.array(attempt, { maxLength: 4 }), statuses, (state, attempts, heard) => {
        let notice = { ...sent, state, attempts } as NoticeHanded;
        for (const status of heard) {
          const step = hear(status, notice);
          if (notice.state === 'DELIVERED' || notice.state === 'CANCELLED') expect(step.state).toBe('same');
          if (step.state === 'same') continue;
          const outcome = step.state === 'DELIVERED' ? 'DELIVERED' : 'REJECTED';
          notice = {
            ...notice,
            state: step.state,
            attempts: [...notice.attempts, { channel: 'sms', outcome, at: dueAt }],
          };
          expect(hear(status, notice).state).toBe('same');
        }
      }),
    );
  });

  it.each([
    ['delivered', 'delivered'],
    ['DELIVERED', 'delivered'],
    ['undelivered', 'undelivered'],
    ['failed', 'undelivered'],
    ['bounced', 'undelivered'],
    ['queued', 'under-way'],
    ['anything', 'under-way'],
  ])('%s means %s', (word, status) => {
    expect(receiptStatusOf(word)).toBe(status);
  });
});
