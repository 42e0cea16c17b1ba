/**
 * The life of a service process: configuration, logs, metrics, health, orderly end.
 *
 *   starting ──▶ ready ──▶ stopping ──▶ exit 0        (SIGTERM, SIGINT)
 *       └──────────┴──────▶ exit 1                    (an error nobody handled, or shutdown took longer than 15 s)
 *
 * /healthz answers while the process lives, /readyz only while every registered check passes, /metrics in Prometheus text.
 */
import Fastify, { type FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { type Config, ConfigError, loadConfig, portVariable, type ServiceName } from './config.js';
import { createLogger, type Logger } from './log.js';

/** Undefined when all is well, else what is wrong in a few words. */
export type ReadinessCheck = () => string | undefined | Promise<string | undefined>;

export interface ServiceContext {
  readonly name: ServiceName;
  readonly config: Config;
  readonly log: Logger;
  readonly metrics: Registry;
  /** Registers a check that /readyz runs. */
  readonly readiness: (name: string, check: ReadinessCheck) => void;
  /** Registers work for an orderly end; run in reverse order of registration. */
  readonly onShutdown: (step: () => Promise<void> | void) => void;
  /** Ends the process with exit code 1 after an orderly shutdown: for lost dependencies a restart may cure. */
  readonly fail: (error: Error) => void;
  /** Listens on the service's own port. Adds health and metrics routes. Throws when the port is taken, naming the variable that moves it. */
  readonly serve: (app?: FastifyInstance) => Promise<string>;
}

const shutdownDeadlineMs = 15_000;

/** Runs a service: `start` reads top to bottom and returns when everything is running. */
export async function runService(name: ServiceName, start: (context: ServiceContext) => Promise<void>): Promise<void> {
  let config: Config;
  try {
    config = loadConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.problems.map((p) => `tokenline ${name}: ${p}`).join('\n')}\n`);
    process.exit(78);
  }
  const log = createLogger(name, config.logLevel);
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  const checks = new Map<string, ReadinessCheck>();
  const steps: Array<() => Promise<void> | void> = [];
  let ending = false;

  const end = (code: number, why: string): void => {
    if (ending) return;
    ending = true;
    log.info({ why }, 'Stopping');
    const timer = setTimeout(() => {
      log.error('Shutdown took too long; leaving anyway');
      process.exit(1);
    }, shutdownDeadlineMs);
    timer.unref();
    void (async () => {
      for (const step of steps.reverse()) {
        try {
          await step();
        } catch (error) {
          log.error({ err: error }, 'A shutdown step failed');
        }
      }
      log.info('Stopped');
      process.exit(code);
    })();
  };
  process.on('SIGTERM', () => end(0, 'SIGTERM'));
  process.on('SIGINT', () => end(0, 'SIGINT'));
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'Uncaught exception');
    end(1, 'uncaught exception');
  });
  process.on('unhandledRejection', (reason) => {
    log.fatal({ err: reason }, 'Unhandled rejection');
    end(1, 'unhandled rejection');
  });

  let started = false;
  checks.set('start', () => (started ? undefined : 'still starting'));
  const context: ServiceContext = {
    name,
    config,
    log,
    metrics,
    readiness: (checkName, check) => void checks.set(checkName, check),
    onShutdown: (step) => void steps.push(step),
    fail: (error) => {
      log.fatal({ err: error }, 'Failed');
      end(1, error.message);
    },
    serve: async (given) => {
      const app = given ?? Fastify();
      healthRoutes(app, checks, metrics);
      steps.push(() => app.close());
      try {
        return await app.listen({ host: config.host, port: config.ports[name] });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
        throw new Error(`Port ${config.ports[name]} is in use; set ${portVariable(name)} to move the ${name} service.`);
      }
    },
  };
  try {
    await start(context);
    started = true;
    log.info('Ready');
  } catch (error) {
    log.fatal({ err: error }, 'Could not start');
    process.stderr.write(`tokenline ${name}: ${(error as Error).message}\n`);
    end(1, 'could not start');
  }
}

function healthRoutes(app: FastifyInstance, checks: ReadonlyMap<string, ReadinessCheck>, metrics: Registry): void {
  app.get('/healthz', { schema: { hide: true } as object }, () => ({ status: 'ok' }));
  app.get('/readyz', { schema: { hide: true } as object }, async (_request, reply) => {
    const problems: Record<string, string> = {};
    for (const [name, check] of checks) {
      const problem = await Promise.resolve()
        .then(check)
        .catch((error: Error) => error.message);
      if (problem !== undefined) problems[name] = problem;
    }
    const ready = Object.keys(problems).length === 0;
    return reply.code(ready ? 200 : 503).send(ready ? { status: 'ready' } : { status: 'not ready', problems });
  });
  app.get('/metrics', { schema: { hide: true } as object }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.metrics()),
  );
}
