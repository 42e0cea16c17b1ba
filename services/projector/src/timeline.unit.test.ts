import { describe, expect, it } from 'vitest';
import { changed, deadlinePassed, ignored, merged, noon } from './sample-events.js';
import { timelineEntry } from './timeline.js';

describe('timelineEntry', () => {
  it('is the event under its own id, with both times and the place of its cause', () => {
    const entry = timelineEntry(changed('t1', 2, { status: 'SUSPENDED', suspendedBy: ['ISSUER'] }), 41);
    expect(entry).toMatchObject({
      _id: 'event-t1-changed-2',
      tokenId: 't1',
      event: 'TokenChanged',
      at: new Date(noon + 2),
      recordedAt: new Date(noon + 502),
      cause: { partition: 0, offset: 2 },
      offset: 41,
      late: false,
      changes: [{ field: 'status', to: 'SUSPENDED' }],
    });
  });

  it('keeps the whole state of a change, so that the past can be asked for', () => {
    const entry = timelineEntry(changed('t1', 2, { status: 'SUSPENDED' }), 41);
    expect(entry.state).toMatchObject({ _id: 't1', status: 'SUSPENDED', version: 2 });
  });

  it('says which deadline has passed', () => {
    const deadline = { purpose: 'TOKEN_UNUSED', since: noon, dueAt: noon + 7 } as const;
    expect(timelineEntry(deadlinePassed('t1', 2, deadline), 1)).toMatchObject({
      event: 'DeadlinePassed',
      deadline: { purpose: 'TOKEN_UNUSED', since: new Date(noon), dueAt: new Date(noon + 7) },
    });
  });

  it('says why a fact was ignored and where a merged token went', () => {
    expect(timelineEntry(ignored('t1', 2, 'x'), 1)).toMatchObject({
      event: 'FactIgnored',
      reason: 'ILLEGAL',
      explanation: 'A deleted token stays deleted.',
    });
    expect(timelineEntry(merged('t1', 't0', 2), 1)).toMatchObject({ event: 'TokenMerged', intoTokenId: 't0' });
  });
});
