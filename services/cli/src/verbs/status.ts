import { type ServiceName, serviceNames } from '@tokenline/runtime';
import { openDoor } from '../door.js';
import { CliError } from '../errors.js';
import { type Io, printJson } from '../io.js';
import { homeOf, readRunFile } from '../run-file.js';
import { table } from '../table.js';

interface ServiceStatus {
  readonly service: ServiceName;
  readonly url: string;
  readonly state: 'ready' | 'not ready' | 'unreachable';
  readonly problems: Readonly<Record<string, string>>;
}

/** Asks every service whether it can do its work. Throws CliError when one cannot. */
export async function status(io: Io, json: boolean): Promise<void> {
  const services = await Promise.all(serviceNames.map((service) => ask(service, io.env)));
  const run = readRunFile(homeOf(io.env));
  if (json) printJson(io, { services, ...(run !== undefined && { pid: run.pid, startedAt: run.startedAt }) });
  else {
    io.out(
      table(
        ['service', 'state', 'url', 'what is wrong'],
        services.map(({ service, state, url, problems }) => [
          service,
          state,
          url,
          Object.entries(problems)
            .map(([name, problem]) => `${name}: ${problem}`)
            .join('; '),
        ]),
      ),
    );
  }
  const down = services.filter((service) => service.state !== 'ready').map((service) => service.service);
  if (down.length === services.length && run === undefined) {
    throw new CliError('Nothing is running here: start everything with `npm start`.');
  }
  if (down.length > 0) throw new CliError(`Not ready: ${down.join(', ')}.`);
}

async function ask(service: ServiceName, env: NodeJS.ProcessEnv): Promise<ServiceStatus> {
  const door = openDoor(service, env);
  try {
    const answer = await door.send('/readyz', { timeoutMs: 5_000 });
    const problems = (JSON.parse(answer.text) as { problems?: Record<string, string> }).problems ?? {};
    return { service, url: door.url, state: answer.ok ? 'ready' : 'not ready', problems };
  } catch (error) {
    if (!(error instanceof CliError) && !(error instanceof SyntaxError)) throw error;
    const problems = error instanceof SyntaxError ? { door: 'something else answers there' } : {};
    return { service, url: door.url, state: 'unreachable', problems };
  }
}
