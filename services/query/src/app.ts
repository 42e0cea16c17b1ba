/** The query door as an HTTP application. Built without a connection: nothing asks `live` before a request does. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import {
  authHook,
  type Config,
  Histogram,
  httpsOptions,
  type Logger,
  type Registry,
  refusalCounter,
} from '@tokenline/runtime';
import type { Registry as Projections } from '@tokenline/store';
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { deadLetterRoutes } from './dead-letters.js';
import { noticeRoutes } from './notices.js';
import { openApi } from './openapi.js';
import { answer, answerProblems } from './refusal.js';
import { reportRoutes } from './reports.js';
import { components } from './schemas.js';
import { summaryRoutes } from './summary.js';
import { tokenRoutes } from './tokens.js';

/** The page that browses the description loads nothing from elsewhere. */
const docsPolicy =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; frame-ancestors 'none'";

export interface QueryParts {
  readonly config: Pick<Config, 'mode' | 'senders' | 'tls'>;
  /** The collections as they are live now; asked for each request, so that a swap of a projection shows at once and within no answer. */
  readonly live: Projections['live'];
  readonly metrics: Registry;
  readonly log: Logger;
}

/** The door with all its routes; call `ready` or `listen` on it. */
export async function createApp({ config, live, metrics, log }: QueryParts): Promise<FastifyInstance> {
  const app = Fastify({
    ajv: { customOptions: { removeAdditional: false, allErrors: true, coerceTypes: true } },
    frameworkErrors: (error, request, reply) =>
      void answer(log, error as FastifyError, request as never, reply as never),
    routerOptions: { maxParamLength: 500 },
    ...httpsOptions(config.tls),
  });
  answerProblems(app, log);
  observe(app, metrics);
  const open = ['/docs', '/openapi.json'];
  app.addHook('onRequest', authHook(config, { door: 'query', open, onRefusal: refusalCounter(metrics) }));
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-content-type-options', 'nosniff');
    if (!request.url.startsWith('/docs')) void reply.header('cache-control', 'no-store');
  });

  for (const component of components) app.addSchema(component);
  await app.register(swagger, openApi);
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: docsPolicy, uiConfig: { docExpansion: 'list' } });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());

  tokenRoutes(app, live);
  noticeRoutes(app, live);
  deadLetterRoutes(app, live);
  reportRoutes(app, live);
  summaryRoutes(app, live);
  return app;
}

function observe(app: FastifyInstance, metrics: Registry): void {
  const seconds = new Histogram({
    name: 'tokenline_query_request_duration_seconds',
    help: 'Time to answer, by route and status.',
    labelNames: ['route', 'status'] as const,
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [metrics],
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    if (route.startsWith('/v1/'))
      seconds.observe({ route, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
  });
}
