/*
 * One command, one connection, one answer: OP_MSG with a single section.
 * Starting a replica set takes three kinds of command; the driver would want a set that already stands, and would make
 * the one package everything else is started from depend on it.
 * Layout: https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
 */
import { connect } from 'node:net';
import { type BsonDocument, decodeBson, encodeBson, type ReadDocument } from './bson.js';
import { loopback } from './ports.js';

const opMsg = 2013;
const headerBytes = 16;
// After the header: four bytes of flags and the byte that says "one document follows".
const documentAt = headerBytes + 5;
const answerWithinMs = 5_000;

/** Sends a command to the admin database of the server on this port; a refusal is an answer with `ok: 0`. */
export function mongoCommand(port: number, command: BsonDocument): Promise<ReadDocument> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host: loopback, port, timeout: answerWithinMs });
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    socket.once('connect', () => socket.write(encodeMessage({ ...command, $db: 'admin' })));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      const received = Buffer.concat(chunks);
      if (received.length < headerBytes || received.length < received.readInt32LE(0)) return;
      socket.destroy();
      resolve(decodeBson(received.subarray(documentAt)));
    });
    socket.once('timeout', () => fail(new Error(`No answer from MongoDB on port ${port}`)));
    socket.once('error', fail);
    socket.once('close', () => fail(new Error(`MongoDB on port ${port} closed the connection`)));
  });
}

function encodeMessage(command: BsonDocument): Buffer {
  const document = encodeBson(command);
  const header = Buffer.alloc(documentAt);
  header.writeInt32LE(documentAt + document.length, 0);
  header.writeInt32LE(1, 4); // request id
  header.writeInt32LE(opMsg, 12);
  return Buffer.concat([header, document]);
}
