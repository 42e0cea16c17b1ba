/** Sends bytes as they are, with whatever method and headers, and waits for the answer no longer than it may take. */
import { Agent, request } from 'node:http';
import type { Wire } from './request.js';

export interface WireAnswer {
  readonly status: number;
  readonly type: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly ms: number;
}

export interface Client {
  /** Throws when there is no whole answer within `deadlineMs`. */
  readonly send: (wire: Wire) => Promise<WireAnswer>;
  readonly close: () => void;
}

export function createClient(base: string, deadlineMs: number): Client {
  const { hostname, port } = new URL(base);
  const agent = new Agent({ keepAlive: true });
  return {
    close: () => agent.destroy(),
    send: ({ method, path, headers, body }) =>
      new Promise((done, fail) => {
        const began = performance.now();
        const options = { hostname, port, path, method, agent, headers: { ...headers, 'content-length': body.length } };
        const asked = request(options, (answer) => {
          const parts: Buffer[] = [];
          answer.on('data', (part: Buffer) => parts.push(part));
          answer.on('error', fail);
          answer.on('end', () => {
            clearTimeout(timer);
            done({
              status: answer.statusCode ?? 0,
              type: String(answer.headers['content-type'] ?? ''),
              headers: answer.headers,
              text: Buffer.concat(parts).toString('utf8'),
              ms: performance.now() - began,
            });
          });
        });
        const timer = setTimeout(() => {
          asked.destroy(new Error(`No answer within ${deadlineMs} ms.`));
        }, deadlineMs);
        asked.on('error', (error) => {
          clearTimeout(timer);
          fail(error);
        });
        asked.end(body);
      }),
  };
}
