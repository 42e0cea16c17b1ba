/** Speaking to the HTTP doors: every failure becomes one sentence that says which door, what it said, and what to do. */
import type { FieldProblem, Problem, ServiceName } from '@tokenline/runtime';
import { CliError, connectionFailure } from './errors.js';
import { urlOf } from './settings.js';

export interface Answer {
  readonly status: number;
  readonly ok: boolean;
  readonly text: string;
  readonly retryAfterSeconds?: number;
}

export interface Request {
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly body?: string;
  readonly contentType?: string;
  readonly timeoutMs?: number;
}

/** One door, by service name. */
export interface Door {
  readonly url: string;
  /** Any answer the door gives. Throws CliError when there is no door to answer. */
  readonly send: (path: string, request?: Request) => Promise<Answer>;
  /** The JSON of a 2xx answer. Throws CliError in the door's own words otherwise. */
  readonly json: <T>(path: string, request?: Request) => Promise<T>;
}

export function openDoor(service: ServiceName, env: NodeJS.ProcessEnv): Door {
  const url = urlOf(service, env);
  const key = env.TOKENLINE_API_KEY?.trim();

  const send = async (path: string, request: Request = {}): Promise<Answer> => {
    try {
      const response = await fetch(`${url}${path}`, {
        method: request.method ?? 'GET',
        headers: {
          ...(request.body !== undefined && { 'content-type': request.contentType ?? 'application/json' }),
          ...(key && { authorization: `Bearer ${key}` }),
        },
        ...(request.body !== undefined && { body: request.body }),
        signal: AbortSignal.timeout(request.timeoutMs ?? 30_000),
      });
      const wait = Number(response.headers.get('retry-after') ?? Number.NaN);
      return {
        status: response.status,
        ok: response.ok,
        text: await response.text(),
        ...(Number.isFinite(wait) && { retryAfterSeconds: wait }),
      };
    } catch (error) {
      const why = connectionFailure(error);
      if (why === undefined) throw error;
      throw new CliError(
        `The ${service} door at ${url} cannot be reached (${why}): start it with \`npm start\`, or set TOKENLINE_${service.toUpperCase()}_URL.`,
      );
    }
  };
  return {
    url,
    send,
    json: async <T>(path: string, request?: Request): Promise<T> => {
      const answer = await send(path, request);
      if (answer.ok) return JSON.parse(answer.text) as T;
      throw new CliError(`The ${service} door ${refusal(answer)}.`);
    },
  };
}

/** What a door said when it refused, in a few words: `answered 422: EHI message refused (TXn_ID: is missing)`. */
export function refusal(answer: Answer): string {
  const problem = problemOf(answer);
  if (problem === undefined) return `answered ${answer.status}`;
  const faults = (problem.errors ?? []).map(faultText).join('; ');
  const said = [problem.title, problem.detail].filter((part) => part !== undefined).join(' ');
  return `answered ${answer.status}: ${said.replace(/\.$/, '')}${faults === '' ? '' : ` (${faults})`}`;
}

function faultText(fault: FieldProblem): string {
  return fault.path === '' ? fault.message : `${fault.path}: ${fault.message}`;
}

function problemOf(answer: Answer): Problem | undefined {
  try {
    const parsed = JSON.parse(answer.text) as Partial<Problem>;
    return typeof parsed.title === 'string' ? (parsed as Problem) : undefined;
  } catch {
    return undefined;
  }
}
