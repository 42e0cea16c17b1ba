/**
 * A produce request in one piece. kafkajs encodes it bottom up, each record, header and length in a buffer of its own, copied six times on the way:
 * 21 us a record of ours, a seventh of all the lifecycle service does. Here everything is written once, in place: a length goes before what it
 * counts, so room is left for the usual one, and what comes behind is moved in the rare case that it takes another.
 *
 * Only what our writers send: no compression, no timestamps given. The rest is left to kafkajs (patches.ts), and a test holds both byte for byte.
 *
 *   request   transactional id, acks, timeout, [topic, [partition, bytes of the batch, batch]]
 *   batch     offset, length, epoch of the leader, magic 2, CRC-32C of the rest: attributes, last delta, first and last time, producer, records
 *   record    length, attributes, deltas of time and offset, key, value, headers; numbers as zigzag varints
 */
import { crc32c } from '@node-rs/crc32';
import { putShortText } from '@tokenline/contracts';
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

/** A batch up to its records. */
const batchHead = 61;
/** Of these, what comes before the length counts, and before the checksum does. */
const [uncounted, unchecked] = [12, 21];
const magic = 2;
const transactional = 16;
/** Most bytes of a number, and of a character. */
const [longestVarint, longestCharacter] = [5, 3];
/** Most bytes of a record beside its key, value and headers. */
const recordHead = 2 + 3 * longestVarint;

/**
 * The body of a produce request, versions 3 to 7, with `now` (epoch ms) as the time of all its records; undefined when it has what is not written here.
 * In memory `before` bytes in front of it are free, for its head.
 */
export function encodeProduce(fields: ProduceFields, now: number, before = 0): Buffer | undefined {
  const { acks, timeout, transactionalId = null, compression = 0, topicData } = fields;
  const room = roomFor(fields);
  if (compression !== 0 || Number.isNaN(room)) return undefined;
  const out = Buffer.allocUnsafe(before + room);
  let at = putString(out, transactionalId, before);
  at = out.writeInt16BE(acks, at);
  at = out.writeInt32BE(timeout, at);
  at = out.writeInt32BE(topicData.length, at);
  for (const { topic, partitions } of topicData) {
    at = putString(out, topic, at);
    at = out.writeInt32BE(partitions.length, at);
    for (const data of partitions) {
      at = out.writeInt32BE(data.partition, at);
      const end = putBatch(out, at + 4, fields, data, now);
      out.writeInt32BE(end - at - 4, at);
      at = end;
    }
  }
  return out.subarray(before, at);
}

/** Most bytes the request may take; NaN when it has what is not written here. */
function roomFor({ transactionalId, topicData }: ProduceFields): number {
  let room = 2 + roomForText(transactionalId ?? '') + 2 + 4 + 4;
  for (const { topic, partitions } of topicData) {
    room += 2 + roomForText(topic) + 4;
    for (const { messages } of partitions) {
      room += 4 + 4 + batchHead;
      for (const message of messages) room += roomForRecord(message);
    }
  }
  return room;
}

/** Most bytes a record may take; NaN when it has what is not written here. */
export function roomForRecord({ timestamp, key, value, headers }: Message): number {
  if (timestamp !== undefined) return Number.NaN;
  let room = recordHead + roomForBytes(key) + roomForBytes(value);
  for (const name in headers) {
    room += longestVarint + roomForText(name) + roomForBytes(headers[name] ?? Number.NaN);
  }
  return room;
}

function roomForBytes(value: unknown): number {
  if (typeof value === 'string') return longestVarint + roomForText(value);
  if (value === null || value === undefined) return longestVarint;
  return Buffer.isBuffer(value) ? longestVarint + value.length : Number.NaN;
}

function roomForText(text: string): number {
  return longestCharacter * text.length;
}

/** Writes a batch at `from`; gives where it ends. */
function putBatch(
  out: Buffer,
  from: number,
  { transactionalId, producerId = -1, producerEpoch = 0 }: ProduceFields,
  { messages, firstSequence = 0 }: PartitionData,
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
  for (let delta = 0; delta < messages.length; delta++) at = putRecord(out, at, messages[delta] as Message, delta);
  out.writeBigInt64BE(0n, from);
  out.writeInt32BE(at - from - uncounted, from + 8);
  out.writeInt32BE(0, from + uncounted);
  out.writeInt8(magic, from + 16);
  out.writeUInt32BE(crc32c(out.subarray(from + unchecked, at)), from + 17);
  return at;
}

/** Most records have between 64 and 8,191 bytes, and so a length of two. */
const usualLength = 2;

function putRecord(out: Buffer, from: number, { key, value, headers }: Message, delta: number): number {
  const begin = from + usualLength;
  let at = begin;
  out[at++] = 0; // attributes
  out[at++] = 0; // all records of a batch have its time
  at = putVarint(out, delta, at);
  at = putBytes(out, key, at);
  at = putBytes(out, value, at);
  at = putVarint(out, countOf(headers), at);
  for (const name in headers) {
    at = putText(out, name, at);
    at = putBytes(out, headers[name] as string | Buffer, at);
  }
  const size = at - begin;
  const length = sizeOfVarint(size);
  if (length !== usualLength) out.copyWithin(from + length, begin, at);
  putVarint(out, size, from);
  return from + length + size;
}

function countOf(headers: Message['headers']): number {
  let count = 0;
  for (const _ in headers) count += 1;
  return count;
}

function putBytes(out: Buffer, value: string | Buffer | null | undefined, at: number): number {
  if (typeof value === 'string') return putText(out, value, at);
  if (value === null || value === undefined) return putVarint(out, -1, at);
  const begin = putVarint(out, value.length, at);
  return begin + value.copy(out, begin);
}

/** Keys and headers are short and plain: written here they cost a tenth of what asking for their length and writing them costs. */
function putText(out: Buffer, text: string, at: number): number {
  const end = putShortText(out, text, at);
  if (end >= 0) return end;
  const length = Buffer.byteLength(text);
  const begin = putVarint(out, length, at);
  return begin + out.write(text, begin, length);
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
