/** Every fault the trials know, one card each: what is done to whom. faults.ts does it. */
import { type ServiceName, serviceNames } from '@tokenline/runtime';
import { type Point, pointNames, points } from './points.js';

/** Services of which several instances share the work by consumer group. */
export const sharing = ['ingest', 'lifecycle', 'projector', 'notifier'] as const satisfies readonly ServiceName[];

export type Server = 'kafka' | 'mongodb' | 'registry';
export type Ending = 'SIGKILL' | 'SIGTERM';

export type Card = CardText &
  (
    | { readonly fault: 'kill'; readonly target: ServiceName }
    | { readonly fault: 'point'; readonly target: ServiceName; readonly point: Point }
    | { readonly fault: 'restart'; readonly target: Server; readonly signal: Ending }
    | { readonly fault: 'pause'; readonly target: Server }
    | { readonly fault: 'zombie'; readonly target: ServiceName }
    | { readonly fault: 'instances'; readonly target: ServiceName; readonly signal: Ending }
    | { readonly fault: 'state'; readonly target: 'lifecycle'; readonly state: 'deleted' | 'old' }
  );

interface CardText {
  /** `<fault>:<target>…`; what `--only` matches from the left. */
  readonly id: string;
  /** Row of the table. */
  readonly words: string;
}

const servers = { kafka: 'Kafka broker', mongodb: 'MongoDB primary', registry: 'schema registry' } as const;

export const cards: readonly Card[] = [
  ...serviceNames.map((target) => ({
    id: `kill:${target}`,
    words: `${target}: SIGKILL at a random moment`,
    fault: 'kill' as const,
    target,
  })),
  ...pointNames.map((point) => ({
    id: `point:${point}`,
    words: `${points[point][0]}: SIGKILL at \`${point}\` (${points[point][1]})`,
    fault: 'point' as const,
    target: points[point][0],
    point,
  })),
  ...(['kafka', 'mongodb'] as const).flatMap((target) => [
    restart(target, 'SIGKILL'),
    restart(target, 'SIGTERM'),
    {
      id: `pause:${target}`,
      words: `${servers[target]} silent for some seconds (SIGSTOP, SIGCONT), connections open`,
      fault: 'pause' as const,
      target,
    },
  ]),
  restart('registry', 'SIGKILL'),
  ...sharing.map((target) => ({
    id: `zombie:${target}`,
    words: `${target}: zombie (SIGSTOP past its session, another instance takes over, SIGCONT)`,
    fault: 'zombie' as const,
    target,
  })),
  ...sharing.flatMap((target) =>
    (['SIGTERM', 'SIGKILL'] as const).map((signal) => ({
      id: `instances:${target}:${signal}`,
      words: `${target}: second and third instance join, all three leave in turn by ${signal}`,
      fault: 'instances' as const,
      target,
      signal,
    })),
  ),
  {
    id: 'state:lifecycle:deleted',
    words: 'lifecycle: restarted with its local state deleted',
    fault: 'state',
    target: 'lifecycle',
    state: 'deleted',
  },
  {
    id: 'state:lifecycle:old',
    words: 'lifecycle: restarted with an old copy of its local state',
    fault: 'state',
    target: 'lifecycle',
    state: 'old',
  },
];

function restart(target: Server, signal: Ending): Card {
  const words = `${servers[target]} restarted by ${signal}${target === 'registry' ? ', and a service with it' : ''}`;
  return { id: `restart:${target}:${signal}`, words, fault: 'restart', target, signal };
}

export function isServer(target: Card['target']): target is Server {
  return target in servers;
}
