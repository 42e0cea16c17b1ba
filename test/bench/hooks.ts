/** Process: a webhook that takes everything and remembers when a request about each token came first. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tellParent } from './child.js';

export type HooksArgs = Record<string, never>;
export interface Report {
  readonly report: true;
}
export type HookSays =
  | { readonly port: number }
  /** Epoch ms by number of the token; requests about a token that had one before. */
  | { readonly arrived: ReadonlyMap<number, number>; readonly doubles: number };

const arrived = new Map<number, number>();
let doubles = 0;

const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    const token = Number(/"tokenId":"[^"]*?(\d{12})"/.exec(body)?.[1]);
    if (arrived.has(token)) doubles += 1;
    else if (!Number.isNaN(token)) arrived.set(token, Date.now());
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 2 }).end('{}');
  });
});
server.listen(0, '127.0.0.1', () => tellParent({ port: (server.address() as AddressInfo).port }));
process.on('message', () => tellParent({ arrived, doubles }));
process.on('disconnect', () => process.exit());
