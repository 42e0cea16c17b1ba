import { connect } from 'node:net';
import Fastify from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { answerBadHttp, answerExpectation } from './bad-http.js';

const app = Fastify({ clientErrorHandler: answerBadHttp });
app.server.on('checkExpectation', answerExpectation);
let port: number;
beforeAll(async () => {
  port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
});
afterAll(() => app.close());

function answerTo(bytes: string): Promise<string> {
  return new Promise((done, fail) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    socket.on('error', fail).on('close', () => done(text));
  });
}

const secret = '4111111111111111';

it.each([
  ['no HTTP at all', `${secret}\r\n\r\n`, 400],
  ['a length that is none', `POST /${secret} HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n`, 400],
  ['two lengths', `POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n${secret}`, 400],
  ['an expectation', `POST / HTTP/1.1\r\nhost: a\r\nexpect: ${secret}\r\nconnection: close\r\n\r\n`, 417],
  ['a header without an end', `GET / HTTP/1.1\r\nx: ${'4'.repeat(20_000)}`, 431],
])('%s is answered with problem+json that quotes nothing', async (_what, bytes, status) => {
  const [head = '', body = ''] = (await answerTo(bytes)).split('\r\n\r\n');
  expect(head).toContain(`HTTP/1.1 ${status} `);
  expect(head).toContain('content-type: application/problem+json');
  expect(JSON.parse(body)).toMatchObject({ status, type: 'urn:tokenline:problem:bad-request' });
  expect(body).not.toContain(secret);
});
