/** A small HTTP door beside a service's health routes: bodies come as bytes, every refusal is problem+json and names no value. */
import { type ReasonCode, reasons, statusOf } from '@tokenline/domain';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Config } from './config.js';
import type { Logger } from './log.js';
import { type FieldProblem, problem, problemType } from './problem.js';
import { httpsOptions } from './tls.js';

/** `bodyLimit` is in bytes. Routes are the caller's; `serve` adds health and metrics. */
export function createDoorApp(config: Pick<Config, 'tls'>, bodyLimit: number, log: Logger): FastifyInstance {
  const app = Fastify({
    bodyLimit,
    requestTimeout: 10_000,
    forceCloseConnections: 'idle',
    // Fastify's own answers quote the address, which may hold anything.
    frameworkErrors: (_error, _request, reply) => void refuse(reply as FastifyReply, 'BAD_REQUEST'),
    ...httpsOptions(config.tls),
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setNotFoundHandler((_request, reply) => refuse(reply, 'NOT_FOUND'));
  app.setErrorHandler((error: { readonly statusCode?: number }, _request, reply) => {
    const { statusCode = 500 } = error;
    if (statusCode >= 500) log.error({ err: error }, 'A request failed');
    return refuse(reply, statusCode === 413 ? 'TOO_LARGE' : statusCode < 500 ? 'BAD_REQUEST' : 'INTERNAL');
  });
  return app;
}

/** Answers with a reason of the one table. `detail` stands for its remedy where that would not help. */
export function refuse(
  reply: FastifyReply,
  code: ReasonCode,
  { detail, errors }: { readonly detail?: string; readonly errors?: readonly FieldProblem[] } = {},
): FastifyReply {
  const { sentence, remedy } = reasons[code];
  const status = statusOf(code);
  const extra = { detail: detail ?? remedy, ...(errors !== undefined && { errors }) };
  return reply
    .code(status)
    .type(problemType)
    .send(problem(status, code, sentence, extra));
}
