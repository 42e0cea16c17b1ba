/**
 * A fetch response read in one pass. kafkajs makes a reader for each record and a new object for each of its headers: 13 us a record of ours,
 * which is read by four services. What the broker sends otherwise than for us (compressed, or of before Kafka 0.11) is left to kafkajs (patches.ts);
 * a test holds both side by side.
 *
 * Header values come as text: nobody puts anything else there, and everybody wants it so. Keys and headers are read when they are asked
 * for: few readers want more than the value.
 */
import type { KafkaMessage } from 'kafkajs';

export interface FetchResponse {
  readonly throttleTime: 0;
  readonly clientSideThrottleTime: number;
  readonly errorCode: number;
  readonly sessionId: number;
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly PartitionResponse[];
  }[];
}

interface PartitionResponse {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: string;
  readonly lastStableOffset: string;
  readonly lastStartOffset: string;
  readonly abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[];
  readonly preferredReadReplica: number;
  readonly messages: readonly FetchedMessage[];
}

export interface FetchedMessage extends Omit<KafkaMessage, 'size'> {
  readonly magicByte: 2;
  readonly isControlRecord: boolean;
  readonly batchContext: object;
}

class Fetched implements FetchedMessage {
  readonly magicByte = 2;
  readonly attributes: number;
  readonly timestamp: string;
  readonly offset: string;
  readonly value: Buffer | null;
  readonly isControlRecord: boolean;
  readonly batchContext: object;
  readonly #bytes: Buffer;
  readonly #keyAt: number;
  readonly #headersAt: number;

  constructor(
    fields: Omit<FetchedMessage, 'magicByte' | 'key' | 'headers'>,
    bytes: Buffer,
    keyAt: number,
    headersAt: number,
  ) {
    this.attributes = fields.attributes;
    this.timestamp = fields.timestamp;
    this.offset = fields.offset;
    this.value = fields.value;
    this.isControlRecord = fields.isControlRecord;
    this.batchContext = fields.batchContext;
    this.#bytes = bytes;
    this.#keyAt = keyAt;
    this.#headersAt = headersAt;
  }

  get key(): Buffer | null {
    return varBytes({ bytes: this.#bytes, at: this.#keyAt });
  }

  get headers(): NonNullable<KafkaMessage['headers']> {
    return headersOf({ bytes: this.#bytes, at: this.#headersAt });
  }
}

/** A batch up to its records, and the part of it that its length does not count. */
const [batchHead, uncounted] = [61, 12];
/** In the attributes of a batch. */
const [compressed, appendTime, transactional, control] = [0x7, 0x8, 0x10, 0x20];

interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

/** The response to a fetch, version 11; undefined when it holds what is not read here. */
export function decodeFetch(bytes: Buffer): FetchResponse | undefined {
  const cursor: Cursor = { bytes, at: 0 };
  const clientSideThrottleTime = int32(cursor);
  const errorCode = int16(cursor);
  const sessionId = int32(cursor);
  let readable = true;
  const responses = list(cursor, () => ({
    topicName: string(cursor),
    partitions: list(cursor, () => {
      const partition = {
        partition: int32(cursor),
        errorCode: int16(cursor),
        highWatermark: int64(cursor),
        lastStableOffset: int64(cursor),
        lastStartOffset: int64(cursor),
        abortedTransactions: list(cursor, () => ({ producerId: int64(cursor), firstOffset: int64(cursor) })),
        preferredReadReplica: int32(cursor),
      };
      const messages = messagesOf(cursor);
      readable &&= messages !== undefined;
      return { ...partition, messages: messages ?? [] };
    }),
  }));
  return readable ? { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses } : undefined;
}

/** The messages of a partition, undefined when they cannot be read here; a batch the broker cut off is left out. */
function messagesOf(cursor: Cursor): readonly FetchedMessage[] | undefined {
  const size = int32(cursor);
  const { bytes } = cursor;
  const end = cursor.at + size;
  const messages: FetchedMessage[] = [];
  if (size <= 0 || end > bytes.length) return messages;
  while (cursor.at + batchHead <= end) {
    const next = cursor.at + uncounted + bytes.readInt32BE(cursor.at + 8);
    if (next > end) break;
    if (bytes[cursor.at + 16] !== 2 || (bytes.readInt16BE(cursor.at + 21) & compressed) !== 0) {
      cursor.at = end;
      return undefined;
    }
    readBatch(cursor, messages);
    cursor.at = next;
  }
  cursor.at = end;
  return messages;
}

function readBatch(cursor: Cursor, into: FetchedMessage[]): void {
  const { bytes } = cursor;
  const start = cursor.at;
  const base = Number(bytes.readBigInt64BE(start));
  const attributes = bytes.readInt16BE(start + 21);
  const first = Number(bytes.readBigInt64BE(start + 27));
  const maxTimestamp = String(bytes.readBigInt64BE(start + 35));
  const atAppend = (attributes & appendTime) !== 0;
  const isControlBatch = (attributes & control) !== 0;
  const batchContext = {
    firstOffset: String(base),
    firstTimestamp: String(first),
    partitionLeaderEpoch: bytes.readInt32BE(start + 12),
    inTransaction: (attributes & transactional) !== 0,
    isControlBatch,
    lastOffsetDelta: bytes.readInt32BE(start + 23),
    producerId: String(bytes.readBigInt64BE(start + 43)),
    producerEpoch: bytes.readInt16BE(start + 51),
    firstSequence: bytes.readInt32BE(start + 53),
    maxTimestamp,
    timestampType: atAppend ? 1 : 0,
    magicByte: 2,
  } as const;
  const count = bytes.readInt32BE(start + 57);
  cursor.at = start + batchHead;
  for (let n = 0; n < count; n++) {
    const size = varint(cursor);
    const next = cursor.at + size;
    const recordAttributes = bytes.readInt8(cursor.at++);
    const timestampDelta = varint(cursor);
    const offsetDelta = varint(cursor);
    const keyAt = cursor.at;
    skip(cursor);
    const fields = {
      attributes: recordAttributes,
      timestamp: atAppend ? maxTimestamp : String(first + timestampDelta),
      offset: String(base + offsetDelta),
      value: varBytes(cursor),
      isControlRecord: isControlBatch,
      batchContext,
    };
    into.push(new Fetched(fields, bytes, keyAt, cursor.at));
    cursor.at = next;
  }
}

/** Of headers of one name the values are a list. */
function headersOf(cursor: Cursor): NonNullable<KafkaMessage['headers']> {
  const headers: NonNullable<KafkaMessage['headers']> = {};
  const count = varint(cursor);
  for (let n = 0; n < count; n++) {
    const name = varText(cursor, 2 * n) ?? '';
    const value = varText(cursor, 2 * n + 1);
    const known = Object.hasOwn(headers, name) ? headers[name] : undefined;
    headers[name] = known === undefined ? value : Array.isArray(known) ? [...known, value ?? ''] : [known, value ?? ''];
  }
  return headers;
}

function int16(cursor: Cursor): number {
  cursor.at += 2;
  return cursor.bytes.readInt16BE(cursor.at - 2);
}

function int32(cursor: Cursor): number {
  cursor.at += 4;
  return cursor.bytes.readInt32BE(cursor.at - 4);
}

function int64(cursor: Cursor): string {
  cursor.at += 8;
  return String(cursor.bytes.readBigInt64BE(cursor.at - 8));
}

function string(cursor: Cursor): string {
  const length = int16(cursor);
  cursor.at += length;
  return cursor.bytes.toString('utf8', cursor.at - length, cursor.at);
}

function list<T>(cursor: Cursor, item: () => T): T[] {
  const items: T[] = [];
  for (let left = int32(cursor); left > 0; left--) items.push(item());
  return items;
}

function varBytes(cursor: Cursor): Buffer | null {
  const length = varint(cursor);
  if (length < 0) return null;
  cursor.at += length;
  return cursor.bytes.subarray(cursor.at - length, cursor.at);
}

/** Over bytes that are read later, if at all. */
function skip(cursor: Cursor): void {
  const length = varint(cursor);
  cursor.at += Math.max(length, 0);
}

/** Of the headers read last, each name and value in its place: from one record to the next the names are the same, and half of the values. */
const lastTexts = new Array<string>(32).fill('');
const longestKept = 100;

function varText(cursor: Cursor, place: number): string | undefined {
  const length = varint(cursor);
  if (length < 0) return undefined;
  const { bytes, at } = cursor;
  cursor.at += length;
  const last = lastTexts[place];
  if (last !== undefined && last.length === length && stands(last, bytes, at)) return last;
  const text = bytes.toString('utf8', at, at + length);
  if (place < lastTexts.length && length <= longestKept) lastTexts[place] = text;
  return text;
}

/** Whether the bytes from `at` on are those of `text`, all of it ASCII. */
function stands(text: string, bytes: Buffer, at: number): boolean {
  for (let n = 0; n < text.length; n++) {
    const byte = bytes[at + n] as number;
    if (byte !== text.charCodeAt(n) || byte > 0x7f) return false;
  }
  return true;
}

/** A zigzag number of up to 64 bits, exact up to 2 to the 53rd. */
function varint(cursor: Cursor): number {
  const { bytes } = cursor;
  let byte = bytes[cursor.at++] as number;
  let value = byte & 0x7f;
  for (let factor = 0x80; byte >= 0x80; factor *= 0x80) {
    byte = bytes[cursor.at++] as number;
    value += (byte & 0x7f) * factor;
  }
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
