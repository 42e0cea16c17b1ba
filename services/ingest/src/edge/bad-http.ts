/** What is not HTTP enough to become a request, answered in the words of every other refusal, quoting nothing. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { reasons } from '@tokenline/domain';
import { problem, problemType } from '@tokenline/runtime';

/** 408 for a request that takes too long to come, 431 for headers beyond Node's limit, 400 for everything else. Ends the connection. */
export function answerBadHttp(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const status =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? 408
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? 431
        : reasons.BAD_REQUEST.status;
  const body = bodyFor(status);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${problemType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroy(error);
}

/** For a server's `checkExpectation`: an Expect header that is not `100-continue`. */
export function answerExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const body = bodyFor(417);
  response.writeHead(417, { 'content-type': problemType, 'content-length': Buffer.byteLength(body) }).end(body);
}

function bodyFor(status: number): string {
  const { sentence, remedy } = reasons.BAD_REQUEST;
  return JSON.stringify(problem(status, 'BAD_REQUEST', sentence, { detail: remedy }));
}
