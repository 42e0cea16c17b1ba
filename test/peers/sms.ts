/** An SMS gateway that delivers at once and keeps what it was given: the cardholder's phone, as far as a test needs one. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { bodyOf, listening } from '../outsiders.js';

export interface Sms {
  /** E.164. */
  readonly to: string;
  readonly text: string;
  /** The notice it is sent for. */
  readonly reference: string;
}

export interface SmsGateway {
  /** What makes a system under test this gateway's customer. */
  readonly env: NodeJS.ProcessEnv;
  /** What was taken; of repeats under one idempotency key the first. */
  readonly taken: () => readonly Sms[];
  /** How often each idempotency key came. */
  readonly calls: () => ReadonlyMap<string, number>;
  readonly stop: () => Promise<void>;
}

export async function startSmsGateway(): Promise<SmsGateway> {
  const taken = new Map<string, Sms>();
  const calls = new Map<string, number>();
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const key = keyOf(request.headers);
      const status = key === undefined ? 400 : 200;
      if (key !== undefined) {
        calls.set(key, (calls.get(key) ?? 0) + 1);
        if (!taken.has(key)) taken.set(key, JSON.parse(body) as Sms);
      }
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ id: `sms-${taken.size}`, delivered: true }));
    });
  });
  return {
    env: { TOKENLINE_SMS_URL: `http://127.0.0.1:${await listening(server)}/sms` },
    taken: () => [...taken.values()],
    calls: () => calls,
    stop: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

function keyOf(headers: IncomingHttpHeaders): string | undefined {
  const key = headers['idempotency-key'];
  return typeof key === 'string' && key !== '' ? key : undefined;
}
