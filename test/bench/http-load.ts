/**
 * The posting side of a bench. Sockets and prepared bytes instead of an HTTP client: it runs on the same cores as what it measures.
 *
 *   waiting ── a connection is free ──▶ on its way ── answered ──▶ counted
 *      ▲                                    │
 *      └── a second later, as senders do ───┴── 503: come again
 *
 * - With a rate (open loop) every message has a time at which it is due, and its latency counts from then: a server that stalls cannot slow
 *   the sender down and so hide the wait (coordinated omission).
 * - Without one (closed loop) each connection sends its next message as soon as the last is answered; latency counts from the sending.
 */
import { connect, type Socket } from 'node:net';
import { now } from './clock.js';
import { percentile } from './stats.js';

export interface LoadOptions {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
  readonly bodies: Iterable<string>;
  /** Messages a second; as fast as they are answered when left out. */
  readonly rate?: number;
  /** Told when the n-th message was due, ms of `now()`. */
  readonly onSent?: (n: number, due: number) => void;
}

export interface LoadResult {
  readonly count: number;
  /** Answers other than 200 and 503. */
  readonly refused: number;
  /** Answers 503, whose messages were sent again. Their latency counts from when they were first due. */
  readonly repeated: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const repeatAfterMs = 1_000;

/** A message to be sent again, and when it was first due. */
interface Again {
  readonly body: string;
  readonly from: number;
}

/** Sends every body; resolves when all are answered. Throws when a connection is lost. */
export async function load({ port, path, connections, bodies, rate, onSent }: LoadOptions): Promise<LoadResult> {
  const latencies: number[] = [];
  const next = bodies[Symbol.iterator]();
  const all = await Promise.all(Array.from({ length: connections }, () => connected(port)));
  const free = [...all];
  const started = now();
  const again: Again[] = [];
  let refused = 0;
  let repeated = 0;
  let sent = 0;
  let under = 0;
  let ended = false;

  await new Promise<void>((done, fail) => {
    let timer: NodeJS.Timeout | undefined;
    const due = (n: number): number => (rate === undefined ? now() : started + (n * 1_000) / rate);
    const send = (body: string, from: number): void => {
      // The one that rested longest: a server closes those that rest for minutes.
      const connection = free.shift() as Connection;
      connection.answered = (status) => {
        free.push(connection);
        if (status === 503) {
          repeated += 1;
          setTimeout(() => {
            again.push({ body, from });
            pump();
          }, repeatAfterMs);
        } else {
          latencies.push(now() - from);
          if (status !== 200) refused += 1;
          under -= 1;
        }
        pump();
      };
      connection.socket.write(requestOf(path, port, body));
    };
    const pump = (): void => {
      while (free.length > 0 && again.length > 0) {
        const { body, from } = again.shift() as Again;
        send(body, from);
      }
      while (free.length > 0 && !ended && due(sent) <= now()) {
        const { value, done: over } = next.next();
        if (over === true) {
          ended = true;
          break;
        }
        const [n, from] = [sent++, due(sent - 1)];
        under += 1;
        send(value, from);
        onSent?.(n, from);
      }
      if (ended && under === 0) done();
      // Woken when a message is due and not every millisecond: that took more of the processor than the sending. Without a free connection an answer wakes.
      if (ended || free.length === 0 || timer !== undefined) return;
      timer = setTimeout(
        () => {
          timer = undefined;
          pump();
        },
        Math.ceil(due(sent) - now()),
      );
    };
    // Lost connections show as an error or an end before the load is done.
    for (const { socket } of all)
      socket.once('error', fail).once('close', () => fail(new Error('A connection was closed.')));
    pump();
  });
  const seconds = (now() - started) / 1_000;
  for (const { socket } of all) socket.removeAllListeners('close').destroy();
  latencies.sort((a, b) => a - b);
  return {
    count: latencies.length,
    refused,
    repeated,
    seconds,
    p50: percentile(latencies, 50),
    p99: percentile(latencies, 99),
    max: latencies.at(-1) as number,
  };
}

/** A connection, and who waits for its next answer. */
interface Connection {
  readonly socket: Socket;
  answered: (status: number) => void;
}

function connected(port: number): Promise<Connection> {
  return new Promise((done, fail) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => {
      const connection: Connection = { socket: socket.off('error', fail), answered: () => undefined };
      socket.on(
        'data',
        answersOf((status) => connection.answered(status)),
      );
      done(connection);
    });
    socket.once('error', fail);
  });
}

function requestOf(path: string, port: number, body: string): string {
  return `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** Reads answers from chunks; tells the status of each once its head and as many bytes as it announces have come. */
function answersOf(told: (status: number) => void): (chunk: Buffer) => void {
  let text = '';
  return (chunk) => {
    text += chunk.toString('latin1');
    const head = text.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text.slice(0, head))?.[1] ?? 0);
    if (text.length < head + 4 + length) return;
    const status = Number(text.slice(9, 12));
    text = '';
    told(status);
  };
}
