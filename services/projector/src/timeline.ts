/** Read model `timeline`: one entry for each lifecycle event. Pure. */
import type { TimelineDoc } from '@tokenline/store';
import { type LifecycleEvent, sparse, tokenDocument } from './tokens.js';

/** The entry of an event that lies at `offset` of token.lifecycle. Its `_id` is the event's own id, so a repeat is a duplicate key. */
export function timelineEntry(event: LifecycleEvent, offset: number): TimelineDoc {
  const { value } = event;
  return sparse<TimelineDoc>({
    _id: value.eventId,
    tokenId: value.tokenId,
    at: new Date(value.occurredAt),
    recordedAt: new Date(value.recordedAt),
    event: event.type.slice('tokenline.lifecycle.'.length),
    factId: value.factId,
    factKind: value.factKind,
    source: value.source,
    actor: value.actor,
    version: value.version,
    reasonCode: value.reasonCode,
    cause: { partition: value.cause.partition, offset: value.cause.offset },
    offset,
    ...particulars(event),
  });
}

type Particulars = Pick<
  TimelineDoc,
  'late' | 'changes' | 'reason' | 'explanation' | 'intoTokenId' | 'deadline' | 'state'
>;

function particulars(event: LifecycleEvent): Particulars {
  switch (event.type) {
    case 'tokenline.lifecycle.TokenChanged':
      return {
        late: event.value.late,
        changes: event.value.changes.map((change) => sparse(change)),
        state: tokenDocument(event.value.state),
      };
    case 'tokenline.lifecycle.FactNoted':
      return { late: event.value.late };
    case 'tokenline.lifecycle.FactIgnored':
      return { reason: event.value.reason, explanation: event.value.explanation };
    case 'tokenline.lifecycle.TokenMerged':
      return { intoTokenId: event.value.intoTokenId };
    case 'tokenline.lifecycle.DeadlinePassed': {
      const { purpose, since, dueAt } = event.value.deadline;
      return { deadline: { purpose, since: new Date(since), dueAt: new Date(dueAt) } };
    }
    case 'tokenline.lifecycle.ProvisioningCompleted':
    case 'tokenline.lifecycle.ActivationCodeIssued':
      return {};
  }
}
