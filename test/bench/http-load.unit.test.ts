import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { load } from './http-load.js';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** A server that is told each body and answers by `answer`; gives its port. */
async function serve(answer: (body: string, response: ServerResponse) => void): Promise<number> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => answer(body, response));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  stops.push(() => server.closeAllConnections());
  stops.push(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const bodies = Array.from({ length: 40 }, (_, n) => JSON.stringify({ n, text: 'ä€' }));

it('sends every body once, as JSON, and counts what is refused', async () => {
  const got: string[] = [];
  const port = await serve((body, response) => {
    got.push(body);
    response.writeHead(got.length === 7 ? 400 : 200).end('taken');
  });
  const result = await load({ port, path: '/x', connections: 3, bodies });
  expect(got.toSorted()).toEqual(bodies.toSorted());
  expect(result).toMatchObject({ count: 40, refused: 1, repeated: 0 });
});

it('sends again what is to come again later, and counts its whole wait', async () => {
  const got: string[] = [];
  const port = await serve((body, response) => {
    got.push(body);
    response.writeHead(got.length <= 2 ? 503 : 200).end();
  });
  const result = await load({ port, path: '/', connections: 1, bodies });
  expect(new Set(got)).toEqual(new Set(bodies));
  expect(got).toHaveLength(42);
  expect(result).toMatchObject({ count: 40, refused: 0, repeated: 2 });
  expect(result.max).toBeGreaterThan(990);
});

it('has no more on their way than connections', async () => {
  let open = 0;
  let most = 0;
  const port = await serve((_body, response) => {
    open += 1;
    most = Math.max(most, open);
    setImmediate(() => {
      open -= 1;
      response.end();
    });
  });
  await load({ port, path: '/', connections: 4, bodies });
  expect(most).toBeLessThanOrEqual(4);
});

it('by schedule, counts the wait of messages that were due while the server stood still', async () => {
  let answered = 0;
  const stall = 300;
  const port = await serve((_body, response) => {
    answered += 1;
    if (answered === 1) setTimeout(() => response.end(), stall);
    else response.end();
  });
  // One connection: the other 39 are due within 39 ms and can only go when the first is answered.
  const result = await load({ port, path: '/', connections: 1, rate: 1_000, bodies });
  expect(result.p50).toBeGreaterThan(stall - 60);
  expect(result.seconds).toBeGreaterThan(stall / 1_000);
});

it('fails when the server hangs up', async () => {
  const port = await serve((_body, response) => void response.destroy());
  await expect(load({ port, path: '/', connections: 1, bodies })).rejects.toThrow();
});
