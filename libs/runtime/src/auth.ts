/**
 * Who may use an HTTP door.
 *
 *   local mode, from loopback, no credential given  → let in, no sender
 *   a key that is configured (TOKENLINE_API_KEYS)   → let in, sender = the key's name
 *   no credential                                   → 401
 *   any other credential                            → 403
 *
 * A key comes as `Authorization: Bearer <key>` or `x-api-key: <key>`. Health, readiness and metrics are always open.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Config, isLoopback } from './config.js';
import { problem, problemType } from './problem.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Name of the API key the request came with; absent from loopback in local mode. */
    sender?: string;
  }
}

export type AuthHook = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>;

const openPaths: readonly string[] = ['/healthz', '/readyz', '/metrics'];

/**
 * An onRequest hook that answers 401 or 403 problem+json, or sets `request.sender`.
 * `alsoOpen` names further paths without credentials; what lies below them is open too.
 */
export function authHook(config: Pick<Config, 'mode' | 'apiKeys'>, alsoOpen: readonly string[] = []): AuthHook {
  const open = [...openPaths, ...alsoOpen];
  const keys = Object.entries(config.apiKeys).map(([name, key]) => ({ name, digest: digestOf(key) }));
  return async (request, reply) => {
    const path = request.url.split('?', 1)[0] as string;
    if (open.some((prefix) => path === prefix || path.startsWith(`${prefix}/`))) return undefined;
    const given = credentialOf(request);
    const local = config.mode === 'local' && isLoopback(request.socket.remoteAddress ?? '');
    if (local && (given === undefined || keys.length === 0)) return undefined;
    if (given === undefined) {
      return reply
        .code(401)
        .header('www-authenticate', 'Bearer')
        .type(problemType)
        .send(problem(401, 'CREDENTIALS_MISSING', 'This door needs an API key.'));
    }
    const sender = senderOf(keys, given);
    if (sender === undefined) {
      return reply
        .code(403)
        .type(problemType)
        .send(problem(403, 'CREDENTIALS_REFUSED', 'This API key is not known.'));
    }
    request.sender = sender;
    return undefined;
  };
}

function credentialOf(request: FastifyRequest): string | undefined {
  const bearer = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const header = request.headers['x-api-key'];
  const given = (bearer ?? (Array.isArray(header) ? header[0] : header))?.trim();
  return given === '' ? undefined : given;
}

/** Looks at every key whatever the first ones say, so that the time taken tells nothing. */
function senderOf(keys: readonly { name: string; digest: Buffer }[], given: string): string | undefined {
  const digest = digestOf(given);
  let sender: string | undefined;
  for (const key of keys) if (timingSafeEqual(key.digest, digest)) sender = key.name;
  return sender;
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
