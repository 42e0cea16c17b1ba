/**
 * Sending dead letters through again: each sealed original is opened and goes through the very door it first came to, with the time it was
 * first received. What became of it is written to token.dead-letters. Sending one twice does no harm: its facts have the same ids.
 *
 *   OPEN ── redrive, accepted ──▶ REDRIVEN          (its next failure opens the same letter again)
 *   OPEN ── redrive, refused  ──▶ OPEN, with the new reason
 */
import type { Codec } from '@tokenline/contracts';
import {
  type DeadLetterRedriven,
  type Fault,
  type ReasonCode,
  type Rejection,
  readObject,
  rejectionOf,
} from '@tokenline/domain';
import type { Sealer } from '@tokenline/sealing';
import type { DeadLetterDoc, Registry } from '@tokenline/store';
import { eventHeaders, type OutRecord } from '@tokenline/streams';
import { base64Suffix } from '../dead-letter.js';
import type { Door } from './door.js';
import { fromStore, storeTimeoutMs } from './durable.js';
import { targetKept } from './target.js';

const type = 'tokenline.deadletters.DeadLetterRedriven';

/** Most letters sent through in one request. */
const mostLetters = 1_000;

export interface RedriveRequest {
  readonly ids?: readonly string[] | undefined;
  readonly reason?: string | undefined;
  /** Failed at or after, epoch ms. */
  readonly since?: number | undefined;
  /** Failed before, epoch ms. */
  readonly until?: number | undefined;
  /** Those that came by this interface. */
  readonly source?: string | undefined;
  /** Send letters named in `ids` also when they were redriven before. */
  readonly force?: boolean | undefined;
}

export interface RedriveItem {
  readonly deadLetterId: string;
  readonly accepted: boolean;
  readonly reasonCode?: ReasonCode;
}

export interface RedriveReport {
  readonly redriven: number;
  readonly failed: number;
  readonly items: readonly RedriveItem[];
}

export interface RedriveParts {
  readonly codec: Codec;
  readonly sealer: Sealer;
  readonly live: Registry['live'];
  readonly doors: readonly Door[];
  readonly write: (records: readonly OutRecord[]) => Promise<void>;
  readonly now: () => number;
}

/** Reads the body of a redrive request; every part is optional, and none at all means every open letter. */
export function readRedriveRequest(
  body: unknown,
): { readonly ok: true; readonly request: RedriveRequest } | { readonly ok: false; readonly rejection: Rejection } {
  const faults: Fault[] = [];
  const read = readObject(body, '', faults);
  const request: RedriveRequest = {
    ids: read?.texts('ids'),
    reason: read?.text('reason'),
    since: read?.instant('since'),
    until: read?.instant('until'),
    source: read?.text('source'),
    force: read?.flag('force'),
  };
  read?.done();
  const [first, ...rest] = faults;
  return first === undefined ? { ok: true, request } : { ok: false, rejection: rejectionOf([first, ...rest]) };
}

/** Throws LogUnavailable or StoreUnavailable when either cannot be reached; letters done before that stay done. */
export async function redrive(request: RedriveRequest, parts: RedriveParts): Promise<RedriveReport> {
  const letters = await find(request, parts.live);
  const items: RedriveItem[] = [];
  for (const letter of letters) {
    const done = letter.state === 'REDRIVEN' && request.force !== true;
    items.push(
      done
        ? { deadLetterId: letter._id, accepted: false, reasonCode: 'ALREADY_REDRIVEN' }
        : await redriveOne(letter, parts),
    );
  }
  const found = new Set(letters.map((letter) => letter._id));
  for (const id of request.ids ?? []) {
    if (!found.has(id)) items.push({ deadLetterId: id, accepted: false, reasonCode: 'NOT_FOUND' });
  }
  const redriven = items.filter((item) => item.accepted).length;
  const left = items.filter((item) => item.reasonCode === 'ALREADY_REDRIVEN').length;
  return { redriven, failed: items.length - redriven - left, items };
}

async function find(request: RedriveRequest, live: Registry['live']): Promise<readonly DeadLetterDoc[]> {
  const { since, until } = request;
  const filter = {
    ...(request.ids === undefined ? { state: 'OPEN' as const } : { _id: { $in: [...request.ids] } }),
    ...(request.reason !== undefined && { reasonCode: request.reason }),
    ...(request.source !== undefined && { source: request.source }),
    ...((since !== undefined || until !== undefined) && {
      failedAt: {
        ...(since !== undefined && { $gte: new Date(since) }),
        ...(until !== undefined && { $lt: new Date(until) }),
      },
    }),
  };
  return fromStore(
    live().then(({ deadLetters }) =>
      deadLetters
        .find(filter, { timeoutMS: storeTimeoutMs })
        .sort({ failedAt: 1, _id: 1 })
        .limit(mostLetters)
        .toArray(),
    ),
  );
}

async function redriveOne(letter: DeadLetterDoc, parts: RedriveParts): Promise<RedriveItem> {
  // The time it began: a failure after that outdates it.
  const redrivenAt = parts.now();
  const outcome = await sendThrough(letter, parts);
  const record: DeadLetterRedriven = {
    deadLetterId: letter._id,
    redrivenAt,
    accepted: outcome.reasonCode === undefined,
    reasonCode: outcome.reasonCode,
    inboundId: outcome.inboundId,
  };
  const headers = eventHeaders({
    id: `${letter._id}-${redrivenAt}`,
    type,
    source: 'ingest',
    time: redrivenAt,
    subject: letter._id,
  });
  await parts.write([
    { topic: 'token.dead-letters', key: letter._id, value: parts.codec.encode(type, record), headers },
  ]);
  return {
    deadLetterId: letter._id,
    accepted: record.accepted,
    ...(outcome.reasonCode !== undefined && { reasonCode: outcome.reasonCode }),
  };
}

interface Outcome {
  readonly reasonCode?: ReasonCode;
  readonly inboundId?: string;
}

async function sendThrough(letter: DeadLetterDoc, parts: RedriveParts): Promise<Outcome> {
  const body = await openOriginal(letter, parts.sealer);
  if (body === undefined) return { reasonCode: 'NOT_REDRIVABLE' };
  if (letter.source === 'tsp.inbound') return rewrite(letter, body, parts);
  const door = parts.doors.find(({ source }) => source === letter.source);
  if (door === undefined || (letter.stage !== 'EDGE' && letter.stage !== 'NORMALIZER'))
    return { reasonCode: 'NOT_REDRIVABLE' };
  const sent = await targetKept(letter.headers, parts.sealer).catch(() => undefined);
  if (sent === undefined) return { reasonCode: 'NOT_REDRIVABLE' };
  const taken = await door.take({
    body,
    contentType: letter.contentType?.replace(base64Suffix, ''),
    ...sent,
    receivedAt: letter.receivedAt.getTime(),
    sender: undefined,
    redriveOf: letter._id,
  });
  if (!taken.ok) return { reasonCode: taken.rejection.code };
  await taken.commit();
  return taken.inboundId === undefined ? {} : { inboundId: taken.inboundId };
}

/** A record nobody could decode goes back to its topic once it can be. */
async function rewrite(letter: DeadLetterDoc, value: Buffer, { codec, write }: RedriveParts): Promise<Outcome> {
  const decoded = await codec.decode(value);
  if (!decoded.ok) return { reasonCode: 'UNDECODABLE' };
  if (decoded.type !== 'tokenline.inbound.InboundMessage') return { reasonCode: 'UNKNOWN_RECORD' };
  await write([{ topic: 'tsp.inbound', key: letter._id, value }]);
  return { inboundId: decoded.value.inboundId };
}

async function openOriginal(letter: DeadLetterDoc, sealer: Sealer): Promise<Buffer | undefined> {
  if (letter.original === undefined) return undefined;
  try {
    const text = await sealer.open('original', letter.original);
    return Buffer.from(text, letter.contentType?.endsWith(base64Suffix) ? 'base64' : 'utf8');
  } catch {
    return undefined;
  }
}
