/**
 * The doorkeeper of an HTTP door: finds out who calls, has `admit` decide, answers 401 or 403 problem+json or sets `request.sender`.
 * A key comes as `Authorization: Bearer <key>` or `x-api-key: <key>`, a certificate with the connection. The body is not read before.
 * Health, readiness and metrics are always open: probes have no credentials, and nothing there is of a message.
 */
import { reasons, statusOf } from '@tokenline/domain';
import type { FastifyRequest, onRequestHookHandler } from 'fastify';
import { Counter, type Registry } from 'prom-client';
import { admit, type RefusalCode } from './admission.js';
import type { Config } from './config.js';
import { problem, problemType } from './problem.js';
import type { DoorName } from './senders.js';
import { clientCertificate } from './tls.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Name of the sender whom the credentials prove; absent from loopback in local mode. */
    sender?: string;
  }
  interface FastifyContextConfig {
    /** The door a route belongs to. */
    door?: DoorName;
  }
}

export interface AuthOptions {
  /** The door of routes that name none themselves. */
  readonly door?: DoorName;
  /** Further paths without credentials; what lies below them is open too. */
  readonly open?: readonly string[];
  /** Told of every refusal; `sender` where the credentials prove one. */
  readonly onRefusal?: (code: RefusalCode, sender: string | undefined) => void;
}

const openPaths: readonly string[] = ['/healthz', '/readyz', '/metrics'];

/** An onRequest hook. */
export function authHook(config: Pick<Config, 'mode' | 'senders'>, options: AuthOptions = {}): onRequestHookHandler {
  const open = [...openPaths, ...(options.open ?? [])];
  return (request, reply, done) => {
    if (open.some((path) => isAtOrBelow(path, request.url))) return done();
    const caller = {
      key: keyOf(request),
      certificate: clientCertificate(request.socket),
      address: request.socket.remoteAddress ?? '',
    };
    const admission = admit(caller, request.routeOptions.config.door ?? options.door, config);
    if (admission.ok) {
      if (admission.sender !== undefined) request.sender = admission.sender;
      return done();
    }
    const { code, sender } = admission;
    options.onRefusal?.(code, sender);
    const status = statusOf(code);
    if (status === 401) void reply.header('www-authenticate', 'Bearer');
    const { sentence, remedy } = reasons[code];
    void reply
      .code(status)
      .type(problemType)
      .send(problem(status, code, sentence, { detail: remedy }));
  };
}

/** Counts refusals at the doors of a process. */
export function refusalCounter(registry: Registry): NonNullable<AuthOptions['onRefusal']> {
  const refusals = new Counter({
    name: 'tokenline_door_refusals_total',
    help: 'Requests that were not let in, by reason; the sender where its credentials proved it.',
    labelNames: ['reason', 'sender'] as const,
    registers: [registry],
  });
  return (reason, sender = '') => refusals.inc({ reason, sender });
}

/** `url` is what comes after the host, query included. */
function isAtOrBelow(path: string, url: string): boolean {
  if (!url.startsWith(path)) return false;
  const next = url[path.length];
  return next === undefined || next === '/' || next === '?';
}

function keyOf(request: FastifyRequest): string | undefined {
  const { authorization, 'x-api-key': header } = request.headers;
  const bearer = authorization === undefined ? undefined : /^Bearer +(.+)$/i.exec(authorization)?.[1];
  const given = (bearer ?? (Array.isArray(header) ? header[0] : header))?.trim();
  return given === '' ? undefined : given;
}
