/** The ports of the services: free before anything starts, so that a clash is known in the first second and named. */
import { connect, createServer } from 'node:net';
import { type Config, portVariable, type ServiceName, serviceNames } from '@tokenline/runtime';
import { CliError } from '../errors.js';

/** Throws CliError for the first service whose port is taken or shared, naming the port and the variable that moves it. */
export async function requireServicePorts({ host, ports }: Pick<Config, 'host' | 'ports'>): Promise<void> {
  for (const service of serviceNames) {
    const port = ports[service];
    if (port === 0) throw new CliError(`${portVariable(service)} is 0: give the ${service} service a port of its own.`);
    const other = serviceNames.find((each) => each !== service && ports[each] === port);
    if (other !== undefined) {
      throw new CliError(
        `${portVariable(other)} and ${portVariable(service)} both name port ${port}: give each its own.`,
      );
    }
    if (!(await isFree(host, port))) throw portTaken(service, port);
  }
}

function portTaken(service: ServiceName, port: number): CliError {
  return new CliError(
    `Port ${port} for the ${service} service is already in use: stop what listens there, or set ${portVariable(service)} to a free port.`,
  );
}

/** Listening alone is no proof: beside somebody's 0.0.0.0, 127.0.0.1 can be had. */
async function isFree(host: string, port: number): Promise<boolean> {
  return !(await answers(host, port)) && (await canListen(host, port));
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: host === '0.0.0.0' ? '127.0.0.1' : host, port });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

function canListen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host, port }, () => server.close(() => resolve(true)));
  });
}
