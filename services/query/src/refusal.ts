/** What the door answers when it cannot or will not: application/problem+json (RFC 9457), never a value, never an inside. */
import { STATUS_CODES } from 'node:http';
import { type FieldProblem, type Logger, type Problem, problem, problemType } from '@tokenline/runtime';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** A request this door understands as a question and refuses; thrown by handlers, answered as 400 or 404. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly problem: Problem;
  constructor(refusal: Problem) {
    super(refusal.title);
    this.problem = refusal;
  }
}

/** 400: these parameters are at fault. */
export function badParameters(errors: readonly FieldProblem[]): Refused {
  return new Refused(problem(400, 'PARAMETERS_INVALID', 'The request has parameters that cannot be used.', { errors }));
}

/** 404: nothing of that id. `what` is a noun: token, dead letter. */
export function notFound(what: string, detail?: string): Refused {
  const code = `${what.toUpperCase().replaceAll(' ', '_')}_NOT_FOUND`;
  return new Refused(problem(404, code, `There is no such ${what}.`, detail === undefined ? {} : { detail }));
}

/** Answers every failure of `app` in this form. Unexpected ones are logged. */
export function answerProblems(app: FastifyInstance, log: Logger): void {
  app.setNotFoundHandler((_request, reply) =>
    send(
      reply,
      problem(404, 'ROUTE_NOT_FOUND', 'There is nothing at this address; GET /openapi.json lists what there is.'),
    ),
  );
  app.setErrorHandler((error: FastifyError, request, reply) => answer(log, error, request, reply));
}

/** For errors raised before routing, such as a malformed URL. */
export function answer(log: Logger, error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const found = problemOf(error);
  if (found.status >= 500) log.error({ err: error, route: request.routeOptions?.url }, 'A request failed');
  if (found.status === 503) void reply.header('retry-after', '5');
  return send(reply, found);
}

function send(reply: FastifyReply, what: Problem): FastifyReply {
  return reply.code(what.status).type(problemType).send(what);
}

function problemOf(error: FastifyError | Refused): Problem {
  if (error instanceof Refused) return error.problem;
  if (error.validation !== undefined) return badParameters(error.validation.map(fieldProblem)).problem;
  if (isStoreAway(error)) return problem(503, 'STORE_UNAVAILABLE', 'The read models cannot be reached now.');
  const status = error.statusCode ?? 500;
  if (status < 400 || status >= 500) return problem(500, 'INTERNAL', 'The request failed inside; it has been logged.');
  return problem(status, `HTTP_${status}`, STATUS_CODES[status] ?? 'The request cannot be served.');
}

type Fault = NonNullable<FastifyError['validation']>[number];

function fieldProblem(fault: Fault): FieldProblem {
  const path = fault.instancePath.slice(1).replaceAll('/', '.');
  const params = fault.params as { additionalProperty?: string; missingProperty?: string; allowedValues?: unknown[] };
  switch (fault.keyword) {
    case 'additionalProperties':
      return { path: params.additionalProperty ?? path, message: 'is not a parameter of this request' };
    case 'required':
      return { path: params.missingProperty ?? path, message: 'is missing' };
    case 'enum':
      return { path, message: `must be one of ${(params.allowedValues ?? []).join(', ')}` };
    default:
      return { path, message: fault.message ?? 'cannot be used' };
  }
}

/** The driver's ways of saying that no server answered in time (50 is MaxTimeMSExpired). */
function isStoreAway(error: { readonly name: string; readonly code?: unknown }): boolean {
  return /^Mongo(?:Network|ServerSelection|NotConnected|PoolCleared|Topology)/.test(error.name) || error.code === 50;
}
