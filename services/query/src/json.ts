/** Documents as the door shows them. Pure. Absent values are left out; a notice's undecided outcome is null. */
import { durationText, writtenTerms } from '@tokenline/domain';
import type { DeadLetterDoc, NoticeDoc, TimelineDoc, TokenDoc } from '@tokenline/store';
import { iso, isoFields } from './instant.js';
import type { DeadLetter, DeadLetterDetail, Notice, TimelineEntry, Token } from './schemas.js';

export function tokenJson(doc: TokenDoc): (typeof Token)['static'] {
  const { _id, provisioning, bindings, removedFromWalletAt, firstUsedAt, updatedAt, ...rest } = doc;
  const { outcome, path, ...dates } = provisioning;
  return {
    tokenId: _id,
    ...rest,
    provisioning: {
      ...(outcome !== undefined && { outcome }),
      ...(path !== undefined && { path }),
      ...isoFields({
        requestedAt: dates.requestedAt,
        onDeviceAt: dates.onDeviceAt,
        activatedAt: dates.activatedAt,
        completedAt: dates.completedAt,
      }),
    },
    ...(bindings !== undefined && {
      bindings: bindings.map(({ boundAt, ...binding }) => ({ ...binding, boundAt: iso(boundAt) })),
    }),
    ...isoFields({ removedFromWalletAt, firstUsedAt }),
    updatedAt: iso(updatedAt),
  } as (typeof Token)['static'];
}

export function timelineJson(doc: TimelineDoc): (typeof TimelineEntry)['static'] {
  const { _id, at, recordedAt, deadline, cause: _cause, offset: _offset, state: _state, ...rest } = doc;
  return {
    at: iso(at),
    recordedAt: iso(recordedAt),
    ...rest,
    ...(deadline !== undefined && {
      deadline: { purpose: deadline.purpose, since: iso(deadline.since), dueAt: iso(deadline.dueAt) },
    }),
    eventId: _id,
  } as (typeof TimelineEntry)['static'];
}

export function noticeJson(doc: NoticeDoc): (typeof Notice)['static'] {
  const { _id, tokenId, kind, state, dueAt, deadlineAt, sentAt, deliveredAt, outcome, channel } = doc;
  const { reason, causeEventId, policy, terms, alarms } = doc;
  return {
    noticeId: _id,
    tokenId,
    kind: kind as (typeof Notice)['static']['kind'],
    state,
    dueAt: iso(dueAt),
    ...isoFields({ deadlineAt, sentAt, deliveredAt }),
    outcome: outcome ?? null,
    ...(channel !== undefined && { channel }),
    attempts: doc.attempts.map(({ at, channel, outcome, reason, providerReference }) => ({
      at: iso(at),
      channel,
      outcome,
      ...(reason !== undefined && { reason }),
      ...(providerReference !== undefined && { providerReference }),
    })),
    ...(reason !== undefined && { reason }),
    causeEventId,
    ...causeOf(causeEventId),
    ...(policy !== undefined && { policy }),
    ...(terms !== undefined && { terms: writtenTerms(terms) as NonNullable<(typeof Notice)['static']['terms']> }),
    ...(alarms !== undefined && {
      alarms: alarms.map(({ after, at }) => ({ after: durationText(after), at: iso(at) })),
    }),
  };
}

/** A lifecycle event's id says where in token.facts its cause lies. */
function causeOf(eventId: string): Pick<(typeof Notice)['static'], 'cause'> {
  const [, topic, partition, offset] = /^(token\.facts)-(\d+)-(\d+)-\d+$/.exec(eventId) ?? [];
  return topic === undefined ? {} : { cause: { topic, partition: Number(partition), offset: Number(offset) } };
}

export function deadLetterJson(doc: DeadLetterDoc): (typeof DeadLetter)['static'] {
  const { _id, stage, source, operation, reasonCode, explanation, errors, state, contentType, redriveReason } = doc;
  return {
    deadLetterId: _id,
    stage,
    source,
    operation,
    reasonCode,
    explanation,
    errors: errors.map(({ path, message }) => ({ path, message })),
    receivedAt: iso(doc.receivedAt),
    failedAt: iso(doc.failedAt),
    ...(contentType !== undefined && { contentType }),
    occurrences: doc.occurrences.length,
    state,
    ...isoFields({ redrivenAt: doc.redrivenAt }),
    ...(redriveReason !== undefined && { redriveReason }),
  };
}

export function deadLetterDetailJson(doc: DeadLetterDoc): (typeof DeadLetterDetail)['static'] {
  return {
    ...deadLetterJson(doc),
    headers: { ...doc.headers },
    ...(doc.original !== undefined && { original: doc.original }),
  };
}
