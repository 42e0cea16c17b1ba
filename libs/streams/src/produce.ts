/**
 * A produce request in one piece. kafkajs encodes it bottom up, each record, header and length in a buffer of its own, copied six times on the way:
 * 21 us a record of ours, a seventh of all the lifecycle service does. Here sizes are added up first, and everything is written once, in place.
 *
 * Only what our writers send: no compression, no timestamps given. The rest is left to kafkajs (patches.ts), and a test holds both byte for byte.
 *
 *   request   transactional id, acks, timeout, [topic, [partition, bytes of the batch, batch]]
 *   batch     offset, length, epoch of the leader, magic 2, CRC-32C of the rest: attributes, last delta, first and last time, producer, records
 *   record    length, attributes, deltas of time and offset, key, value, headers; numbers as zigzag varints
 */
import { createRequire } from 'node:module';
import type { Message } from 'kafkajs';

export interface ProduceFields {
  readonly acks: number;
  readonly timeout: number;
  readonly transactionalId?: string | null;
  /** A 64-bit number: kafkajs gives it as text, or -1 for none. */
  readonly producerId?: string | number | bigint;
  readonly producerEpoch?: number;
  readonly compression?: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly PartitionData[];
  }[];
}

interface PartitionData {
  readonly partition: number;
  readonly firstSequence?: number;
  readonly messages: readonly Message[];
}

const crc32C = createRequire(import.meta.url)('kafkajs/src/protocol/recordBatch/crc32C') as (bytes: Buffer) => number;

/** A batch up to its records. */
const batchHead = 61;
/** Of these, what comes before the length counts, and before the checksum does. */
const [uncounted, unchecked] = [12, 21];
const magic = 2;
const transactional = 16;

/** Whether the request is one of those written here. */
export function isPlain({ compression = 0, topicData }: ProduceFields): boolean {
  return (
    compression === 0 && topicData.every(({ partitions }) => partitions.every(({ messages }) => messages.every(isBare)))
  );
}

function isBare({ timestamp, key, value, headers = {} }: Message): boolean {
  if (timestamp !== undefined || !isBytes(key ?? '') || !isBytes(value ?? '')) return false;
  for (const name in headers) if (!isBytes(headers[name])) return false;
  return true;
}

function isBytes(value: unknown): boolean {
  return typeof value === 'string' || Buffer.isBuffer(value);
}

/** The body of a produce request, versions 3 to 7, with `now` (epoch ms) as the time of all its records. */
export function encodeProduce(fields: ProduceFields, now: number): Buffer {
  const { acks, timeout, transactionalId = null, topicData } = fields;
  let size = 2 + Buffer.byteLength(transactionalId ?? '') + 2 + 4 + 4;
  const sizes = topicData.map(({ topic, partitions }) => {
    size += 2 + Buffer.byteLength(topic) + 4;
    return partitions.map(({ messages }) => {
      const records = messages.map(sizeOfRecord);
      size += 4 + 4 + batchHead + records.reduce((sum, record) => sum + sizeOfVarint(record) + record, 0);
      return records;
    });
  });
  const out = Buffer.allocUnsafe(size);
  let at = putString(out, transactionalId, 0);
  at = out.writeInt16BE(acks, at);
  at = out.writeInt32BE(timeout, at);
  at = out.writeInt32BE(topicData.length, at);
  for (const [t, { topic, partitions }] of topicData.entries()) {
    at = putString(out, topic, at);
    at = out.writeInt32BE(partitions.length, at);
    for (const [p, data] of partitions.entries()) {
      at = out.writeInt32BE(data.partition, at);
      const end = putBatch(out, at + 4, fields, data, sizes[t]?.[p] ?? [], now);
      out.writeInt32BE(end - at - 4, at);
      at = end;
    }
  }
  return out;
}

/** Writes a batch at `from`; gives where it ends. */
function putBatch(
  out: Buffer,
  from: number,
  { transactionalId, producerId = -1, producerEpoch = 0 }: ProduceFields,
  { messages, firstSequence = 0 }: PartitionData,
  sizes: readonly number[],
  now: number,
): number {
  let at = from + unchecked;
  at = out.writeInt16BE(transactionalId ? transactional : 0, at);
  at = out.writeInt32BE(messages.length - 1, at);
  at = out.writeBigInt64BE(BigInt(now), at);
  at = out.writeBigInt64BE(BigInt(now), at);
  at = out.writeBigInt64BE(BigInt(producerId), at);
  at = out.writeInt16BE(producerEpoch, at);
  at = out.writeInt32BE(firstSequence, at);
  at = out.writeInt32BE(messages.length, at);
  for (const [delta, message] of messages.entries()) at = putRecord(out, at, message, delta, sizes[delta] ?? 0);
  out.writeBigInt64BE(0n, from);
  out.writeInt32BE(at - from - uncounted, from + 8);
  out.writeInt32BE(0, from + uncounted);
  out.writeInt8(magic, from + 16);
  out.writeUInt32BE(crc32C(out.subarray(from + unchecked, at)), from + 17);
  return at;
}

function putRecord(out: Buffer, from: number, { key, value, headers = {} }: Message, delta: number, size: number) {
  let at = putVarint(out, size, from);
  out[at++] = 0; // attributes
  out[at++] = 0; // all records of a batch have its time
  at = putVarint(out, delta, at);
  at = putBytes(out, key, at);
  at = putBytes(out, value, at);
  at = putVarint(out, countOf(headers), at);
  for (const name in headers) {
    at = putBytes(out, name, at);
    at = putBytes(out, headers[name] as string | Buffer, at);
  }
  return at;
}

/** Of a record without the number that says it. */
function sizeOfRecord({ key, value, headers = {} }: Message, delta: number): number {
  let size = 2 + sizeOfVarint(delta) + sizeOfBytes(key) + sizeOfBytes(value) + sizeOfVarint(countOf(headers));
  for (const name in headers) size += sizeOfBytes(name) + sizeOfBytes(headers[name] as string | Buffer);
  return size;
}

function countOf(headers: object): number {
  let count = 0;
  for (const _ in headers) count += 1;
  return count;
}

function sizeOfBytes(value: string | Buffer | null | undefined): number {
  if (value === null || value === undefined) return 1;
  const length = typeof value === 'string' ? Buffer.byteLength(value) : value.length;
  return sizeOfVarint(length) + length;
}

function putBytes(out: Buffer, value: string | Buffer | null | undefined, at: number): number {
  if (value === null || value === undefined) return putVarint(out, -1, at);
  if (typeof value !== 'string') {
    const begin = putVarint(out, value.length, at);
    return begin + value.copy(out, begin);
  }
  const length = Buffer.byteLength(value);
  const begin = putVarint(out, length, at);
  return begin + out.write(value, begin, length);
}

function putString(out: Buffer, value: string | null, at: number): number {
  if (value === null) return out.writeInt16BE(-1, at);
  const begin = at + 2;
  const length = out.write(value, begin);
  out.writeInt16BE(length, at);
  return begin + length;
}

function sizeOfVarint(value: number): number {
  let size = 1;
  for (let left = zigzag(value) >>> 7; left !== 0; left >>>= 7) size += 1;
  return size;
}

function putVarint(out: Buffer, value: number, at: number): number {
  let left = zigzag(value);
  let end = at;
  for (; left > 0x7f; left >>>= 7) out[end++] = (left & 0x7f) | 0x80;
  out[end++] = left;
  return end;
}

function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}
