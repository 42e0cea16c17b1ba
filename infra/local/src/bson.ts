/*
 * As much BSON as the commands of a start need (see mongo-command.ts). Values of other types are skipped over and read
 * as undefined. Layout: https://bsonspec.org/spec.html
 */

export type BsonValue = string | number | boolean | BsonDocument | readonly BsonValue[];
export interface BsonDocument {
  readonly [key: string]: BsonValue;
}

export interface ReadDocument {
  readonly [key: string]: unknown;
}

const type = {
  double: 0x01,
  string: 0x02,
  document: 0x03,
  array: 0x04,
  boolean: 0x08,
  int32: 0x10,
  int64: 0x12,
} as const;

/** Bytes of the types that always have the same size and are of no interest: ObjectId, date, null, timestamp. */
const skippedSizes: Readonly<Record<number, number>> = { 7: 12, 9: 8, 10: 0, 17: 8 };
const binary = 0x05;

export function encodeBson(document: BsonDocument): Buffer {
  const elements = Object.entries(document).map(([key, value]) => encodeElement(key, value));
  const body = Buffer.concat(elements);
  return Buffer.concat([int32(body.length + 5), body, Buffer.from([0])]);
}

export function decodeBson(bytes: Buffer): ReadDocument {
  const document: Record<string, unknown> = {};
  let at = 4;
  for (let tag = bytes.readUInt8(at); tag !== 0; tag = bytes.readUInt8(at)) {
    const endOfKey = bytes.indexOf(0, at + 1);
    const key = bytes.toString('utf8', at + 1, endOfKey);
    const { value, size } = decodeValue(tag, bytes.subarray(endOfKey + 1));
    document[key] = value;
    at = endOfKey + 1 + size;
  }
  return document;
}

function encodeElement(key: string, value: BsonValue): Buffer {
  const [tag, bytes] = encodeValue(value);
  return Buffer.concat([Buffer.from([tag]), Buffer.from(`${key}\0`), bytes]);
}

function encodeValue(value: BsonValue): [tag: number, bytes: Buffer] {
  if (typeof value === 'boolean') return [type.boolean, Buffer.from([value ? 1 : 0])];
  if (typeof value === 'number') {
    if (Number.isInteger(value) && Math.abs(value) < 2 ** 31) return [type.int32, int32(value)];
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    return [type.double, bytes];
  }
  if (typeof value === 'string') {
    const text = Buffer.from(`${value}\0`);
    return [type.string, Buffer.concat([int32(text.length), text])];
  }
  // An array is a document whose keys are its positions.
  if (isArray(value)) return [type.array, encodeBson(Object.fromEntries(value.entries()))];
  return [type.document, encodeBson(value)];
}

function decodeValue(tag: number, bytes: Buffer): { value: unknown; size: number } {
  switch (tag) {
    case type.double:
      return { value: bytes.readDoubleLE(0), size: 8 };
    case type.string: {
      const length = bytes.readInt32LE(0);
      return { value: bytes.toString('utf8', 4, 3 + length), size: 4 + length };
    }
    case type.document:
    case type.array: {
      const size = bytes.readInt32LE(0);
      const nested = decodeBson(bytes.subarray(0, size));
      return { value: tag === type.array ? Object.values(nested) : nested, size };
    }
    case type.boolean:
      return { value: bytes.readUInt8(0) === 1, size: 1 };
    case type.int32:
      return { value: bytes.readInt32LE(0), size: 4 };
    case type.int64:
      return { value: Number(bytes.readBigInt64LE(0)), size: 8 };
    case binary:
      return { value: undefined, size: 5 + bytes.readInt32LE(0) };
    default: {
      const size = skippedSizes[tag];
      if (size === undefined) throw new Error(`BSON type ${tag} is not read here`);
      return { value: undefined, size };
    }
  }
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function isArray(value: BsonValue): value is readonly BsonValue[] {
  return Array.isArray(value);
}
