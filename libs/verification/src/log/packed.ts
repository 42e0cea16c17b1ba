/** Records of one token, one after another in one buffer: millions of small buffers would cost more than what is in them. */

export interface Packed {
  bytes: Buffer;
  used: number;
}

export interface PackedRecord {
  readonly partition: number;
  readonly offset: number;
  readonly bytes: Buffer;
}

/** Partition (2 bytes), offset (6), length (4). */
const headLength = 12;

export function emptyPack(): Packed {
  return { bytes: Buffer.alloc(0), used: 0 };
}

export function pack(packed: Packed, record: PackedRecord): void {
  const needed = packed.used + headLength + record.bytes.length;
  if (needed > packed.bytes.length) {
    const grown = Buffer.allocUnsafeSlow(packed.used === 0 ? needed : Math.max(needed, packed.bytes.length * 2));
    packed.bytes.copy(grown, 0, 0, packed.used);
    packed.bytes = grown;
  }
  packed.bytes.writeUIntBE(record.partition, packed.used, 2);
  packed.bytes.writeUIntBE(record.offset, packed.used + 2, 6);
  packed.bytes.writeUInt32BE(record.bytes.length, packed.used + 8);
  record.bytes.copy(packed.bytes, packed.used + headLength);
  packed.used = needed;
}

/** The records in the order they were packed. */
export function* unpack({ bytes, used }: Packed): Generator<PackedRecord> {
  for (let at = 0; at < used; ) {
    const length = bytes.readUInt32BE(at + 8);
    const end = at + headLength + length;
    yield {
      partition: bytes.readUIntBE(at, 2),
      offset: bytes.readUIntBE(at + 2, 6),
      bytes: bytes.subarray(at + headLength, end),
    };
    at = end;
  }
}

/** The bytes in memory of their own. What the log client hands over are views of whole fetches, and would hold all of them. */
export function own(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}
