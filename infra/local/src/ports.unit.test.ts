import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { choosePorts, loopback, portFacts, requirePortsFree } from './ports.js';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function busyPort(host: string): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('ports', () => {
  it('are 7411 to 7414 unless moved', async () => {
    expect(await choosePorts({}, false)).toEqual({ kafka: 7411, controller: 7412, registry: 7413, mongodb: 7414 });
  });

  it('are moved by their variables', async () => {
    const env = { TOKENLINE_LOCAL_REGISTRY_PORT: '8081', TOKENLINE_LOCAL_MONGODB_PORT: ' 27017 ' };
    expect(await choosePorts(env, false)).toMatchObject({ kafka: 7411, registry: 8081, mongodb: 27017 });
  });

  it('can be any that are free, all different, except for those a variable names', async () => {
    const ports = await choosePorts({ TOKENLINE_LOCAL_KAFKA_PORT: '8092' }, true);
    expect(ports.kafka).toBe(8092);
    expect(new Set(Object.values(ports)).size).toBe(4);
    await requirePortsFree(ports, ['registry', 'mongodb']);
  });

  it.each(['0', '65536', '7411.5', 'seven', '-1'])('refuse %s as a number', async (value) => {
    await expect(choosePorts({ TOKENLINE_LOCAL_KAFKA_PORT: value }, false)).rejects.toMatchObject({
      code: 'PORT_INVALID',
      message: `TOKENLINE_LOCAL_KAFKA_PORT is "${value}": give a port number from 1 to 65535`,
    });
  });

  it('refuse to be the same', async () => {
    await expect(choosePorts({ TOKENLINE_LOCAL_MONGODB_PORT: '7411' }, false)).rejects.toThrow(
      'TOKENLINE_LOCAL_KAFKA_PORT and TOKENLINE_LOCAL_MONGODB_PORT both name port 7411',
    );
  });

  it.each([loopback, '0.0.0.0'])('in use on %s are named together with the variable that moves them', async (host) => {
    const port = await busyPort(host);
    const ports = { ...(await choosePorts({}, true)), kafka: port };
    await expect(requirePortsFree(ports, ['kafka'])).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      problem: `Port ${port} for Kafka is already in use`,
      remedy: expect.stringContaining(`set ${portFacts.kafka.variable} to a free port`),
    });
  });

  it('of parts that run elsewhere may be in use', async () => {
    const ports = { ...(await choosePorts({}, true)), kafka: await busyPort(loopback) };
    await expect(requirePortsFree(ports, ['registry', 'mongodb'])).resolves.toBeUndefined();
  });
});
