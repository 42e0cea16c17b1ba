/**
 * The two far sides: a mail server and an HTTP gateway, on loopback. Both are written down to the socket, since the run needs to know to the byte
 * what left for the sender before it died. Each takes a message when it has it whole, and answers then: RFC 5321 4.2.5 for the mail server, whose
 * 250 after the final dot is the acceptance.
 *
 * A message's key is what a repeat is known by: the gateway's Idempotency-Key, the mail's Message-ID. The gateway looks at it; a mail server does not.
 */
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { bodyOf, listening } from '../outsiders.js';
import type { Desk } from './desk.js';

export interface FarSides {
  /** What makes a notifier send to them. */
  readonly env: NodeJS.ProcessEnv;
  readonly stop: () => Promise<void>;
}

export async function startFarSides(desk: Desk): Promise<FarSides> {
  const sockets = new Set<Socket>();
  const mail = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    speakSmtp(socket, desk);
  });
  const gateway = createHttpServer((request, response) => {
    void bodyOf(request)
      .then((body) => {
        const { reference: noticeId } = JSON.parse(body) as { readonly reference: string };
        const { take, moment } = desk.arrive('sms', { noticeId, key: String(request.headers['idempotency-key']) });
        if (!take) return;
        const answer = JSON.stringify({ id: `sms-${noticeId.length}` });
        if (moment !== 'before-answer') response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
        if (moment !== undefined) desk.strike();
      })
      // The sender was killed in the midst of it.
      .catch(() => undefined);
  });
  return {
    env: {
      TOKENLINE_SMTP_URL: `smtp://127.0.0.1:${await listening(mail)}`,
      TOKENLINE_SMTP_FROM: 'Card services <cards@bank.example>',
      TOKENLINE_SMS_URL: `http://127.0.0.1:${await listening(gateway)}/sms`,
    },
    stop: async () => {
      gateway.closeAllConnections();
      for (const socket of sockets) socket.destroy();
      await Promise.all([mail, gateway].map((server: Server) => new Promise((done) => server.close(done))));
    },
  };
}

function speakSmtp(socket: Socket, desk: Desk): void {
  let buffer = '';
  let inData = false;
  const say = (line: string): void => void socket.write(`${line}\r\n`);
  const commands: Readonly<Record<string, () => void>> = {
    DATA: () => {
      inData = true;
      say('354 end with a dot on a line by itself');
    },
    QUIT: () => void socket.end('221 bye\r\n'),
  };
  const line = (text: string): void => (commands[text.slice(0, 4).toUpperCase()] ?? (() => say('250 ok')))();
  const message = (text: string): void => {
    inData = false;
    const key = /^Message-ID: (.+)$/im.exec(text)?.[1]?.trim() ?? '';
    const { take, moment } = desk.arrive('smtp', { noticeId: /^<(.+)@/.exec(key)?.[1] ?? '', key });
    if (!take) return;
    if (moment !== 'before-answer') say('250 2.0.0 OK: queued as 4ABC9');
    if (moment !== undefined) desk.strike();
  };
  socket.setEncoding('latin1');
  socket.on('error', () => undefined);
  say('220 mail.example ESMTP');
  socket.on('data', (chunk: string) => {
    buffer += chunk;
    for (;;) {
      const end = buffer.indexOf(inData ? '\r\n.\r\n' : '\r\n');
      if (end < 0) return;
      const text = buffer.slice(0, end);
      buffer = buffer.slice(end + (inData ? 5 : 2));
      if (inData) message(text);
      else line(text);
    }
  });
}
