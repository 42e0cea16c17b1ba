/**
 * The edge over HTTP. A body at a door goes this way:
 *
 *   credentials ─▶ size ─▶ media type ─▶ turn ─▶ door.take: read, seal, map ─▶ commit: durable ─▶ the door's own acknowledgement
 *        401, 403    413        415               │ refused                   └─ log or store away: 503 with Retry-After
 *                                                 └─▶ dead letter, durable ─▶ 400 or 422 with the fields at fault
 *
 * Errors are application/problem+json (RFC 9457) everywhere. No answer, log line or metric holds a value of a message.
 */
import type { Codec } from '@tokenline/contracts';
import { type Reason, type ReasonCode, type Rejection, reasons, rejection, statusOf } from '@tokenline/domain';
import {
  authHook,
  type Config,
  type DoorName,
  httpsOptions,
  type Logger,
  looksSensitive,
  problem,
  problemType,
} from '@tokenline/runtime';
import type { Sealer } from '@tokenline/sealing';
import { createTurns, LogUnavailable, type OutRecord } from '@tokenline/streams';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type HTTPMethods } from 'fastify';
import { base64Suffix, deadLetterRecord, presentable } from '../dead-letter.js';
import { deadLetterIdOf } from '../ids.js';
import type { Meters } from '../meters.js';
import { answerBadHttp, answerExpectation } from './bad-http.js';
import { mediaKind, textOf } from './body.js';
import type { Door, Reply, Submission } from './door.js';
import { StoreUnavailable } from './durable.js';
import { parseJson } from './flat-json.js';
import { type RedriveReport, type RedriveRequest, readRedriveRequest } from './redrive.js';
import { headersToKeep } from './target.js';

export interface EdgeDoor {
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly door: Door;
  /** What the configuration of senders calls it. */
  readonly name?: DoorName;
}

export interface EdgeParts {
  readonly config: Pick<Config, 'mode' | 'senders' | 'tls'>;
  readonly doors: readonly EdgeDoor[];
  readonly redrive: (request: RedriveRequest) => Promise<RedriveReport>;
  readonly codec: Pick<Codec, 'encode'>;
  readonly sealer: Sealer;
  readonly write: (records: readonly OutRecord[]) => Promise<void>;
  readonly meters: Meters;
  readonly log: Logger;
  readonly now: () => number;
}

export const bodyLimit = 256 * 1024;
const retryAfterSeconds = 5;
/** Milliseconds in which messages gather to be read one right after the other, and how many do not wait for that. */
const [turnMs, turnEnough] = [12, 16];
const methods: readonly HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

export function createEdge(parts: EdgeParts): FastifyInstance {
  const { log } = parts;
  const turn = createTurns(turnMs, turnEnough);
  const app = Fastify({
    bodyLimit,
    requestTimeout: 10_000,
    forceCloseConnections: 'idle',
    // Fastify's own answers quote the address, which may hold anything.
    frameworkErrors: (_error, _request, reply) => void refuse(reply as FastifyReply, rejection('BAD_REQUEST')),
    clientErrorHandler: answerBadHttp,
    ...httpsOptions(parts.config.tls),
  });
  app.server.on('checkExpectation', answerExpectation);
  app.removeAllContentTypeParsers();
  // Named as well because Fastify takes the type of each message apart again before it tries the rest.
  app.addContentTypeParser(['application/json', '*'], { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  app.addHook('onRequest', authHook(parts.config, { onRefusal: parts.meters.notAdmitted }));
  // Fastify would hang up on a sender that is still sending, who then may never see the answer.
  app.addHook('onRequest', ({ headers }, reply, done) => {
    if (Number(headers['content-length']) > bodyLimit) void refuse(reply, rejection('TOO_LARGE'));
    else done();
  });
  app.setErrorHandler((error, _request, reply) => {
    const code = codeOfError(error);
    if (code === 'INTERNAL') log.error({ err: error }, 'A request failed');
    return refuse(reply, rejection(code));
  });
  app.setNotFoundHandler((request, reply) => {
    const url = request.url.split('?', 1)[0] as string;
    const allowed = methods.filter((method) => app.hasRoute({ url, method }));
    if (allowed.length === 0) return refuse(reply, rejection('NOT_FOUND'));
    return refuse(reply.header('allow', allowed.join(', ')), rejection('METHOD_NOT_ALLOWED'));
  });

  for (const { method, path, door, name } of parts.doors) {
    const config = name === undefined ? {} : { door: name };
    app.route({ method, url: path, config, handler: (request, reply) => receive(door, request, reply, parts, turn) });
  }
  app.post('/v1/dead-letters/redrive', { config: { door: 'dead-letters' } }, async (request, reply) => {
    const body = bodyOf(request);
    if (!takes(request, body, false)) return refuse(reply, rejection('UNSUPPORTED_MEDIA'));
    const text = textOf(body);
    const parsed = text === undefined ? undefined : parseJson(text.trim() === '' ? '{}' : text);
    if (parsed?.ok !== true) return refuse(reply, parsed?.rejection ?? rejection('NOT_JSON'));
    const read = readRedriveRequest(parsed.value);
    if (!read.ok) return refuse(reply, read.rejection);
    const report = await parts.redrive(read.request);
    log.info({ redriven: report.redriven, failed: report.failed }, 'Dead letters sent through again');
    return report;
  });
  return app;
}

async function receive(
  door: Door,
  request: FastifyRequest,
  reply: FastifyReply,
  parts: EdgeParts,
  turn: () => Promise<void>,
): Promise<FastifyReply> {
  const { meters, log } = parts;
  const receivedAt = parts.now();
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1_000;
  try {
    const body = bodyOf(request);
    if (!takes(request, body, door.takesXml)) {
      meters.message(door.source, 'refused', seconds());
      return refuse(reply, rejection('UNSUPPORTED_MEDIA'));
    }
    const submission: Submission = {
      body,
      contentType: keptContentType(request),
      headers: keptHeaders(request),
      receivedAt,
      sender: request.sender,
      target: targetOf(request),
    };
    await turn();
    const taken = await takeSafely(door, submission, log);
    if (taken.ok) await taken.commit();
    else await parts.write([await letterOf(door, submission, taken.rejection, parts)]);
    meters.message(door.source, taken.ok ? 'accepted' : 'refused', seconds());
    if (taken.ok) return send(reply, taken.reply);
    meters.deadLetter('EDGE', door.source, taken.rejection.code);
    log.warn({ source: door.source, reason: taken.rejection.code }, 'A message was refused');
    const own = door.refusal?.(taken.rejection, submission);
    return own === undefined ? refuse(reply, taken.rejection) : send(reply, own);
  } catch (error) {
    meters.message(door.source, codeOfError(error) === 'INTERNAL' ? 'failed' : 'unavailable', seconds());
    throw error;
  }
}

/** A fault of ours while reading must not cost the message: it is put aside like one that was refused. */
async function takeSafely(door: Door, submission: Submission, log: Logger) {
  try {
    return await door.take(submission);
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error;
    log.error({ err: error, source: door.source }, 'A door failed');
    return { ok: false as const, rejection: rejection('INTERNAL') };
  }
}

async function letterOf(
  door: Door,
  submission: Submission,
  why: Rejection,
  { codec, sealer, now }: EdgeParts,
): Promise<OutRecord> {
  const { body, contentType, receivedAt, target } = submission;
  const text = textOf(body);
  const kept = text ?? body.toString('base64');
  return deadLetterRecord(
    codec,
    {
      deadLetterId: deadLetterIdOf(
        sealer.digest([door.source, target, kept].filter((p) => p !== undefined).join('\n')),
      ),
      stage: 'EDGE',
      source: door.source,
      operation: operationOf(door, target),
      receivedAt,
      failedAt: now(),
      contentType: text === undefined ? `${contentType ?? 'application/octet-stream'}${base64Suffix}` : contentType,
      headers: await headersToKeep(submission, sealer),
      original: await sealer.seal('original', kept),
    },
    why,
  );
}

function operationOf(door: Door, target: string | undefined): string {
  return (target === undefined ? undefined : door.operationOf?.(target)) ?? door.operation;
}

function send(reply: FastifyReply, { status, contentType, body }: Reply): FastifyReply {
  return reply.code(status).type(contentType).send(body);
}

function refuse(reply: FastifyReply, { code, explanation, errors }: Rejection): FastifyReply {
  const reason: Reason = reasons[code];
  const status = statusOf(code);
  if (status === 503) void reply.header('retry-after', String(retryAfterSeconds));
  const shown = presentable(errors);
  return reply
    .code(status)
    .type(problemType)
    .send(problem(status, code, explanation, { detail: reason.remedy, ...(shown.length > 0 && { errors: shown }) }));
}

function codeOfError(error: unknown): ReasonCode {
  if (error instanceof LogUnavailable) return 'LOG_UNAVAILABLE';
  if (error instanceof StoreUnavailable) return 'STORE_UNAVAILABLE';
  const { code, statusCode } = error as { code?: string; statusCode?: number };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE' || statusCode === 413) return 'TOO_LARGE';
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE' || statusCode === 415) return 'UNSUPPORTED_MEDIA';
  if (statusCode === 400) return 'BAD_REQUEST';
  return 'INTERNAL';
}

function bodyOf(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

function takes(request: FastifyRequest, body: Buffer, xml: boolean): boolean {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') return false;
  const kind = mediaKind(request.headers['content-type'], body);
  return kind === 'json' || (kind === 'xml' && xml);
}

/** What a door's address ending in `*` leaves open, as it was sent. */
function targetOf(request: FastifyRequest): string | undefined {
  const { url = '' } = request.routeOptions;
  return url.endsWith('*') ? request.url.slice(url.length - 1) : undefined;
}

function keptContentType(request: FastifyRequest): string | undefined {
  const type = request.headers['content-type'];
  if (type === 'application/json') return type;
  return type === undefined || type.length > 128 || looksSensitive(type) ? undefined : type;
}

function keptHeaders(request: FastifyRequest): Readonly<Record<string, string>> {
  const { traceparent } = request.headers;
  const valid = typeof traceparent === 'string' && /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/.test(traceparent);
  return valid ? { traceparent } : {};
}
