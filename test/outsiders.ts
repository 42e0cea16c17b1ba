/** The outside world a notifier meets, in the worst mood: a mail server and a webhook that quote the recipient when they refuse. */
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { until } from './wait.js';

export interface Outsiders {
  readonly smtpUrl: string;
  readonly webhookUrl: string;
  /** Recipients the mail server has refused so far. */
  readonly refused: () => number;
  /** Bodies the webhook has taken. */
  readonly taken: () => readonly string[];
  readonly stop: () => Promise<void>;
}

/** Starts both on free ports. The webhook refuses each address's first call and takes the next. */
export async function startOutsiders(): Promise<Outsiders> {
  let refused = 0;
  const taken: string[] = [];
  const tried = new Set<string>();

  const smtp = createServer((socket) => {
    socket.setEncoding('utf8');
    socket.on('error', () => undefined);
    socket.write('220 mail.example.com ESMTP\r\n');
    socket.on('data', (chunk: string) => {
      for (const line of chunk.split('\r\n').filter((each) => each !== '')) {
        if (/^RCPT/i.test(line)) {
          refused += 1;
          socket.write(`550 5.1.1 ${line.slice(8)} user unknown here\r\n`);
        } else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
        else socket.write('250 ok\r\n');
      }
    });
  });
  const webhook = createHttpServer((request, response) => {
    void bodyOf(request).then((body) => {
      const first = !tried.has(request.url ?? '');
      tried.add(request.url ?? '');
      if (!first) taken.push(body);
      response.writeHead(first ? 500 : 204);
      response.end(first ? `cannot deliver ${body} to ${request.url}` : undefined);
    });
  });
  return {
    smtpUrl: `smtp://127.0.0.1:${await listening(smtp)}`,
    webhookUrl: `http://127.0.0.1:${await listening(webhook)}`,
    refused: () => refused,
    taken: () => taken,
    stop: async () => {
      webhook.closeAllConnections();
      await Promise.all([smtp, webhook].map((server) => new Promise((done) => server.close(done))));
    },
  };
}

/** The port a server listens on, on loopback. */
export async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await until('the server listens', () => server.listening);
  return (server.address() as AddressInfo).port;
}

/** What a request's body says. */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
