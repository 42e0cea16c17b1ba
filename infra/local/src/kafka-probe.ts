import { connect } from 'node:net';

/*
 * The one question asked of Kafka here: "which brokers take requests?", the Metadata request, version 5, with no topics.
 * A port that merely accepts connections is not enough, a broker opens it before the controller lets it in. kafkajs
 * stays behind libs/streams, and this is all of the protocol that waiting needs.
 * Layout: https://kafka.apache.org/protocol#The_Messages_Metadata
 */

const metadataKey = 3;
const metadataVersion = 5;
const clientId = 'tokenline-probe';
const answerWithinMs = 2_000;

/** True when the broker on this port lists at least one broker, itself. */
export function brokerAnswers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host, port, timeout: answerWithinMs });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => socket.write(metadataRequest()));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      const brokers = brokerCount(Buffer.concat(chunks));
      if (brokers !== undefined) settle(brokers > 0);
    });
    socket.once('timeout', () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('close', () => settle(false));
  });
}

export function metadataRequest(): Buffer {
  const id = Buffer.from(clientId);
  const header = Buffer.alloc(10);
  header.writeInt16BE(metadataKey, 0);
  header.writeInt16BE(metadataVersion, 2);
  header.writeInt32BE(1, 4); // correlation id
  header.writeInt16BE(id.length, 8);
  const topics = Buffer.alloc(4); // an empty list: no topics
  const allowAutoTopicCreation = Buffer.from([0]);
  const message = Buffer.concat([header, id, topics, allowAutoTopicCreation]);
  const size = Buffer.alloc(4);
  size.writeInt32BE(message.length);
  return Buffer.concat([size, message]);
}

/** Reads size, correlation id, throttle time, number of brokers; undefined until that much has arrived. */
export function brokerCount(response: Buffer): number | undefined {
  return response.length < 16 ? undefined : response.readInt32BE(12);
}
