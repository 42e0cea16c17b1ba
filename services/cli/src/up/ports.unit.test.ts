import { createServer, type Server } from 'node:net';
import { type ServiceName, serviceNames } from '@tokenline/runtime';
import { afterEach, expect, it } from 'vitest';
import { requireServicePorts } from './ports.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

function listen(host: string): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    servers.push(server);
    server.listen({ host, port: 0 }, () => resolve((server.address() as { port: number }).port));
  });
}

const host = '127.0.0.1';

/** Free ports for every service, but those given. */
async function portsWith(given: Partial<Record<ServiceName, number>>): Promise<Record<ServiceName, number>> {
  const free = await Promise.all(serviceNames.map(() => listen(host)));
  await Promise.all(servers.splice(-free.length).map((server) => new Promise((done) => server.close(done))));
  return {
    ...(Object.fromEntries(serviceNames.map((name, n) => [name, free[n]])) as Record<ServiceName, number>),
    ...given,
  };
}

it('lets free ports pass', async () => {
  await expect(requireServicePorts({ host, ports: await portsWith({}) })).resolves.toBeUndefined();
});

it.each(['127.0.0.1', '0.0.0.0'])(
  'names the port something on %s listens on, and the variable that moves it',
  async (other) => {
    const query = await listen(other);
    const check = requireServicePorts({ host, ports: await portsWith({ query }) });
    await expect(check).rejects.toThrow(
      `Port ${query} for the query service is already in use: stop what listens there, or set TOKENLINE_QUERY_PORT to a free port.`,
    );
  },
);

it('refuses two services on one port', async () => {
  const ports = await portsWith({});
  const check = requireServicePorts({ host, ports: { ...ports, query: ports.ingest } });
  await expect(check).rejects.toThrow('TOKENLINE_QUERY_PORT and TOKENLINE_INGEST_PORT both name port');
});
