/**
 * token.lifecycle into the view, judging on the way what can be judged event by event: ids, causes, versions, moves, changes, announcements.
 * Events of a token lie in one partition, so they come in the order they were written.
 */
import type { AnyRecord } from '@tokenline/contracts';
import type {
  ActivationCodeIssued,
  DeadlinePassed,
  FactIgnored,
  LogPosition,
  ProvisioningCompleted,
  TokenChanged,
  TokenState,
} from '@tokenline/domain';
import type { InRecord } from '@tokenline/streams';
import type { InvariantCode } from '../invariants.js';
import { wrongChanges } from '../rules/changes.js';
import { deadlineKey, wrongDeadline } from '../rules/deadlines.js';
import { codeNoticeId } from '../rules/notices.js';
import { illegalMove } from '../rules/transitions.js';
import { factHash } from './facts.js';
import { own } from './packed.js';
import { placeText } from './place.js';
import { seen } from './places.js';
import { type Announcement, type TokenView, tokenOf, type View, valueFrom } from './view.js';

export type LifecycleEvent = Extract<AnyRecord, { readonly type: `tokenline.lifecycle.${string}` }>;

export function isLifecycleEvent(record: AnyRecord): record is LifecycleEvent {
  return record.type.startsWith('tokenline.lifecycle.');
}

/** The fact in hand of one partition, and the types of the events it has had. */
interface CauseInHand {
  offset: number;
  readonly types: Set<string>;
}

const stateType = 'tokenline.state.TokenState';

/** Takes events one by one, in the order of each partition. */
export function createLifecycleTaker(view: View) {
  const inHand = new Map<number, CauseInHand>();
  return async (record: InRecord, event: LifecycleEvent): Promise<void> => {
    const { eventId, tokenId, cause, version } = event.value;
    const where = placeText('token.lifecycle', record);
    const judge = (code: InvariantCode, wrong: string | undefined): void => {
      const tally = view.tallies.of(code);
      tally.check();
      if (wrong !== undefined) tally.fail({ where, tokenId, what: wrong });
    };
    judge('EVENTS_UNIQUE', view.events.has(eventId) ? `the event ${eventId} lies in the log twice` : undefined);
    const type = event.type.slice('tokenline.lifecycle.'.length);
    view.events.set(eventId, { type, partition: record.partition, offset: record.offset, shownIn: 0 });
    judge('CAUSES_RISING', wrongCause(event, type, record, inHand) ?? otherFact(view, event));
    const token = tokenOf(view, tokenId);
    judge('VERSIONS_GAP_FREE', wrongVersion(token, event));
    token.version = Math.max(token.version, version);
    token.partition = record.partition;
    token.lastCause = Math.max(token.lastCause, cause.offset);
    token.newestIn = view.reading;
    view.places.mark(cause.partition, cause.offset, seen.traced | traceOf(event));
    switch (event.type) {
      case 'tokenline.lifecycle.TokenChanged':
        await takeChange(view, token, event.value, record, judge);
        break;
      case 'tokenline.lifecycle.ProvisioningCompleted':
        judge('COMPLETED_ONCE', await wrongAnnouncement(view, token, event.value));
        token.announced ??= announcementOf(event.value, record);
        break;
      case 'tokenline.lifecycle.ActivationCodeIssued':
        takeCode(view, event.value, record);
        break;
      case 'tokenline.lifecycle.DeadlinePassed':
        judge('DEADLINES_TRUE', await takeDeadline(view, token, event.value, record));
        break;
      case 'tokenline.lifecycle.TokenMerged':
        token.merged = { into: event.value.intoTokenId, partition: record.partition, offset: record.offset };
        break;
      case 'tokenline.lifecycle.FactNoted':
      case 'tokenline.lifecycle.FactIgnored':
        break;
    }
  };
}

function takeCode(view: View, { factId, eventId, tokenId }: ActivationCodeIssued, place: InRecord): void {
  const noticeId = codeNoticeId(factId);
  const { partition, offset } = place;
  const known = view.codes.get(noticeId);
  if (known === undefined)
    view.codes.set(noticeId, { first: { tokenId, partition, offset }, eventIds: new Set([eventId]) });
  else known.eventIds.add(eventId);
}

async function takeDeadline(
  view: View,
  token: TokenView,
  event: DeadlinePassed,
  { partition, offset }: InRecord,
): Promise<string | undefined> {
  token.deadlines ??= new Map();
  const key = deadlineKey(event.deadline);
  if (token.deadlines.has(key)) return `the deadline ${key} is told again`;
  token.deadlines.set(key, { partition, offset });
  return wrongDeadline(await publishedState(view, token), event);
}

async function takeChange(
  view: View,
  token: TokenView,
  { state, late, changes }: TokenChanged,
  { partition, offset }: InRecord,
  judge: (code: InvariantCode, wrong: string | undefined) => void,
): Promise<void> {
  const before = await publishedState(view, token);
  judge('TRANSITIONS_LEGAL', illegalMove(before, state, late));
  judge('SUSPENDERS_AGREE', wrongSuspenders(state));
  judge('CHANGES_AGREE', wrongChanges(before, state, changes));
  token.state = { bytes: own(view.codec.encode(stateType, state)), version: state.version, partition, offset };
}

/** The state published last; undefined before the first. */
async function publishedState({ codec }: View, { state }: TokenView): Promise<TokenState | undefined> {
  return state && (await valueFrom(codec, stateType, state.bytes));
}

function wrongSuspenders({ status, suspendedBy }: TokenChanged['state']): string | undefined {
  if (status === 'SUSPENDED' && suspendedBy.length === 0) return 'SUSPENDED, and nobody holds it';
  return status !== 'SUSPENDED' && suspendedBy.length > 0
    ? `${status}, and held by ${suspendedBy.join(', ')}`
    : undefined;
}

/** Facts of a partition are worked through once, in order: a cause that comes again was worked through twice. */
function wrongCause(
  { value: { cause } }: LifecycleEvent,
  type: string,
  { partition }: InRecord,
  inHand: Map<number, CauseInHand>,
): string | undefined {
  if (cause.topic !== 'token.facts' || cause.partition !== partition)
    return `the cause is ${causeText(cause)}, of another partition`;
  const known = inHand.get(partition);
  if (known === undefined || cause.offset > known.offset) {
    inHand.set(partition, { offset: cause.offset, types: new Set([type]) });
    return undefined;
  }
  if (cause.offset < known.offset) return `the cause ${causeText(cause)} comes after one at ${known.offset}`;
  if (known.types.has(type)) return `the cause ${causeText(cause)} has two events ${type}`;
  known.types.add(type);
  return undefined;
}

/** Facts are read before events: a cause that is not beyond the last of them is a fact we know, or none at all. */
function otherFact(view: View, { value: { tokenId, factId, cause } }: LifecycleEvent): string | undefined {
  const hash = view.places.hash(cause.partition, cause.offset);
  if (hash === undefined || hash === factHash(tokenId, factId)) return undefined;
  return hash === 0
    ? `no fact lies at ${causeText(cause)}`
    : `the event names another fact than the one at ${causeText(cause)}`;
}

function causeText({ topic, partition, offset }: LogPosition): string {
  return `${topic} ${partition}/${offset}`;
}

function wrongVersion(token: TokenView, event: LifecycleEvent): string | undefined {
  const { version } = event.value;
  const raises = event.type === 'tokenline.lifecycle.TokenChanged' || event.type === 'tokenline.lifecycle.TokenMerged';
  const expected = raises ? token.version + 1 : token.version;
  if (event.type === 'tokenline.lifecycle.TokenChanged' && event.value.state.version !== version)
    return `the event has version ${version}, its state ${event.value.state.version}`;
  return version === expected ? undefined : `version ${version} follows ${token.version}`;
}

async function wrongAnnouncement(
  view: View,
  token: TokenView,
  { completedAt, version }: ProvisioningCompleted,
): Promise<string | undefined> {
  const { announced } = token;
  if (announced !== undefined) return `completion is announced again, after ${placeText('token.lifecycle', announced)}`;
  const state = await publishedState(view, token);
  if (state?.version !== version) return 'completion is announced under a version that was not published';
  return state.provisioning.completedAt === completedAt
    ? undefined
    : 'completion is announced for another time than the state has';
}

function announcementOf(
  { eventId, cause, completedAt, tokenType, network, wallet }: ProvisioningCompleted,
  { partition, offset }: InRecord,
): Announcement {
  return { eventId, causeOffset: cause.offset, completedAt, tokenType, network, wallet, partition, offset };
}

function traceOf(event: LifecycleEvent): number {
  switch (event.type) {
    case 'tokenline.lifecycle.TokenChanged':
    case 'tokenline.lifecycle.FactNoted':
      return event.value.late ? seen.timed | seen.late : seen.timed;
    case 'tokenline.lifecycle.FactIgnored':
      return traceOfIgnored(event.value.reason);
    case 'tokenline.lifecycle.ProvisioningCompleted':
    case 'tokenline.lifecycle.ActivationCodeIssued':
    case 'tokenline.lifecycle.DeadlinePassed':
    case 'tokenline.lifecycle.TokenMerged':
      return 0;
  }
}

function traceOfIgnored(reason: FactIgnored['reason']): number {
  switch (reason) {
    case 'REPEAT':
      return seen.repeat;
    case 'MERGED':
      return seen.merged;
    case 'BEYOND_HORIZON':
      return seen.beyondHorizon;
    case 'ILLEGAL':
    case 'LATE':
    case 'UNKNOWN':
      return 0;
  }
}
