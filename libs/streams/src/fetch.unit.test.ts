/** Our reading of fetch responses against kafkajs': the same messages. */
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFetch, type FetchedMessage, type FetchResponse } from './fetch.js';
import { encodeProduce } from './produce.js';

const theirs = createRequire(import.meta.url)('kafkajs/src/protocol/requests/fetch/v11/response') as {
  readonly decode: (bytes: Buffer) => Promise<NonNullable<ReturnType<typeof decodeFetch>>>;
};

const text = fc.string({ unit: 'grapheme', maxLength: 60 });
const bytes = fc.uint8Array({ maxLength: 400 }).map((list) => Buffer.from(list));
/** Names every object has from its prototype kafkajs takes for a header there was before; there is a test of ours below. */
const name = text.filter((one) => !(one in {}));
/** As most are: the same from one record to the next, or nearly so. */
const alike = fc.dictionary(fc.constantFrom('ab', 'ac', 'é', 'a'), fc.constantFrom('12', '13', 'é', '1', ''));
const headers = fc.oneof(fc.dictionary(name, text), alike);
const message = fc.record({ key: fc.option(bytes), value: fc.option(bytes), headers });
const batch = fc.record({
  messages: fc.array(message, { minLength: 1, maxLength: 30 }),
  producerId: fc.bigInt(-1n, 2n ** 63n - 1n).map(String),
  now: fc.nat(2 ** 48),
  offset: fc.nat(2 ** 50),
  /** Bits of its attributes: times of the append, in a transaction, the end of one. */
  attributes: fc.constantFrom(0, 0x8, 0x10, 0x30),
});
type Batch = typeof batch extends fc.Arbitrary<infer T> ? T : never;

/** A batch as a broker stores it. */
function stored({ messages, producerId, now, offset, attributes }: Batch): Buffer {
  const partitions = [{ partition: 0, messages }];
  const request = encodeProduce(
    { acks: 1, timeout: 1, producerId, topicData: [{ topic: '', partitions }] },
    now,
  ) as Buffer;
  const made = Buffer.from(request.subarray(request.length - sizeIn(request)));
  made.writeBigInt64BE(BigInt(offset), 0);
  made.writeInt16BE(attributes, 21);
  made.writeBigInt64BE(BigInt(now + 5), 35);
  return made;
}

/** Of the only batch in a request of ours: the number before it. */
function sizeIn(request: Buffer): number {
  return request.readInt32BE(2 + 2 + 4 + 4 + 2 + 4 + 4);
}

function int(value: number, size = 4): Buffer {
  const out = Buffer.alloc(size);
  out.writeIntBE(value, size > 6 ? size - 6 : 0, Math.min(size, 6));
  return out;
}

function response(partitions: readonly { readonly records: Buffer; readonly aborted: number }[]): Buffer {
  const topic = Buffer.from('token.facts');
  const each = partitions.flatMap(({ records, aborted }, partition) => [
    int(partition),
    int(0, 2),
    int(1_000, 8),
    int(900, 8),
    int(3, 8),
    int(aborted),
    ...Array.from({ length: aborted }, (_, n) => Buffer.concat([int(n + 7, 8), int(n, 8)])),
    int(-1),
    int(records.length),
    records,
  ]);
  return Buffer.concat([
    int(20),
    int(0, 2),
    int(0),
    int(1),
    int(topic.length, 2),
    topic,
    int(partitions.length),
    ...each,
  ]);
}

/** All there is in a message: ours has key and headers when they are asked for, and header values of kafkajs are bytes. */
function asText(message: FetchedMessage): FetchedMessage {
  const headers = Object.entries(message.headers ?? {}).map(([key, value]) => [key, String(value)]);
  return { ...message, key: message.key, headers: Object.fromEntries(headers) };
}

async function both(sent: Buffer) {
  const [ours, expected] = [decodeFetch(sent), await theirs.decode(sent)];
  return { ours: ours && whole(ours), expected: whole(expected) };
}

function whole(response: FetchResponse): FetchResponse {
  const responses = response.responses.map((topic) => ({
    ...topic,
    partitions: topic.partitions.map((one) => ({ ...one, messages: one.messages.map(asText) })),
  }));
  return { ...response, responses };
}

describe('a fetch response', () => {
  it('is read as kafkajs reads it, whatever is in it and wherever it was cut off', { timeout: 30_000 }, async () => {
    const partition = fc.record({ batches: fc.array(batch, { maxLength: 4 }), aborted: fc.nat(2), cut: fc.nat(300) });
    await fc.assert(
      fc.asyncProperty(fc.array(partition, { maxLength: 3 }), async (partitions) => {
        const sent = response(
          partitions.map(({ batches, aborted, cut }) => {
            const whole = Buffer.concat(batches.map(stored));
            const left = whole.length - cut;
            // kafkajs fails where a batch is cut off before its format.
            return { aborted, records: whole.subarray(0, left > 16 ? left : 0) };
          }),
        );
        const { ours, expected } = await both(sent);
        expect(ours).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('has the values of one header together', () => {
    const records = stored({
      messages: [{ key: null, value: Buffer.from('v'), headers: { a: '1', b: '2', c: '3' } }],
      producerId: '-1',
      now: 0,
      offset: 0,
      attributes: 0,
    });
    for (const letter of 'bc') records[records.lastIndexOf(letter)] = 'a'.charCodeAt(0);
    const read = decodeFetch(response([{ records, aborted: 0 }]));
    expect(read?.responses[0]?.partitions[0]?.messages[0]?.headers).toEqual({ a: ['1', '2', '3'] });
  });

  it.each(['constructor', 'toString'])('may have a header called %s', (called) => {
    const messages = [{ key: null, value: null, headers: { [called]: 'x' } }];
    const records = stored({ messages, producerId: '-1', now: 0, offset: 0, attributes: 0 });
    const read = decodeFetch(response([{ records, aborted: 0 }]));
    expect(read?.responses[0]?.partitions[0]?.messages[0]?.headers).toEqual({ [called]: 'x' });
  });

  it.each([
    ['compressed', (records: Buffer) => records.writeInt16BE(1, 21)],
    ['of an older format', (records: Buffer) => records.writeInt8(1, 16)],
  ])('is left to kafkajs when a batch is %s', (_, change) => {
    const plain = { messages: [{ key: null, value: null, headers: {} }], producerId: '-1', now: 0, offset: 0 };
    const records = stored({ ...plain, attributes: 0 });
    change(records);
    expect(decodeFetch(response([{ records, aborted: 0 }]))).toBeUndefined();
  });
});
