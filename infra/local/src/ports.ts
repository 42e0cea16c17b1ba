import { connect, createServer, type Server } from 'node:net';
import { localErrors } from './errors.js';
import { partFacts, type StackPart } from './parts.js';

interface PortFacts {
  readonly part: StackPart;
  readonly title: string;
  readonly variable: string;
  readonly standard: number;
}

/** Every port the local servers listen on, and the variable that moves it. */
export const portFacts = {
  kafka: { part: 'kafka', title: partFacts.kafka.title, variable: 'TOKENLINE_LOCAL_KAFKA_PORT', standard: 7411 },
  controller: {
    part: 'kafka',
    title: "Kafka's controller",
    variable: 'TOKENLINE_LOCAL_KAFKA_CONTROLLER_PORT',
    standard: 7412,
  },
  registry: {
    part: 'registry',
    title: partFacts.registry.title,
    variable: 'TOKENLINE_LOCAL_REGISTRY_PORT',
    standard: 7413,
  },
  mongodb: {
    part: 'mongodb',
    title: partFacts.mongodb.title,
    variable: 'TOKENLINE_LOCAL_MONGODB_PORT',
    standard: 7414,
  },
} as const satisfies Record<string, PortFacts>;

export type PortRole = keyof typeof portFacts;
export type Ports = Readonly<Record<PortRole, number>>;

export const loopback = '127.0.0.1';

const roles = Object.keys(portFacts) as PortRole[];

/** The ports the environment asks for; with `freePorts`, what it doesn't name is any port that is free now. */
export async function choosePorts(env: NodeJS.ProcessEnv, freePorts: boolean): Promise<Ports> {
  const free = freePorts ? await findFreePorts(roles.length) : [];
  const chosen = roles.map((role, index) => {
    const { variable, standard } = portFacts[role];
    const value = env[variable]?.trim() ?? '';
    return [role, value === '' ? (free[index] ?? standard) : parsePort(variable, value)] as const;
  });
  const ports = Object.fromEntries(chosen) as Record<PortRole, number>;
  for (const role of roles) {
    const clash = roles.filter((other) => ports[other] === ports[role]);
    if (clash.length > 1)
      throw localErrors.portClash(
        ports[role],
        clash.map((other) => portFacts[other].variable),
      );
  }
  return ports;
}

/** Throws for the first port of these parts that something listens on. */
export async function requirePortsFree(ports: Ports, parts: readonly StackPart[]): Promise<void> {
  for (const role of roles) {
    const { part, title, variable } = portFacts[role];
    if (parts.includes(part) && !(await isFree(ports[role]))) {
      throw localErrors.portInUse(ports[role], title, variable, part);
    }
  }
}

function parsePort(variable: string, value: string): number {
  const port = Number(value);
  if (!/^\d+$/.test(value) || port < 1 || port > 65_535) throw localErrors.portInvalid(variable, value);
  return port;
}

/** Listening alone isn't proof: where SO_REUSEADDR allows it, 127.0.0.1 can be had beside somebody's 0.0.0.0. */
async function isFree(port: number): Promise<boolean> {
  if (await answers(port)) return false;
  try {
    await close(await listen(port));
    return true;
  } catch {
    return false;
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: loopback });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function findFreePorts(count: number): Promise<number[]> {
  // All are held at once, or the same port could be handed out twice.
  const servers = await Promise.all(Array.from({ length: count }, () => listen(0)));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map(close));
  return ports;
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen({ port, host: loopback }, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
