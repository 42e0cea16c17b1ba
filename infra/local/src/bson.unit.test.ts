import { describe, expect, it } from 'vitest';
import { type BsonDocument, decodeBson, encodeBson } from './bson.js';

describe('BSON', () => {
  it('has the bytes the specification gives for {"hello": "world"}', () => {
    const bytes = Buffer.from('160000000268656c6c6f0006000000776f726c640000', 'hex');
    expect(encodeBson({ hello: 'world' })).toEqual(bytes);
    expect(decodeBson(bytes)).toEqual({ hello: 'world' });
  });

  it('reads what it wrote', () => {
    const document: BsonDocument = {
      text: 'né',
      whole: -7,
      broken: 0.5,
      large: 2 ** 40,
      yes: true,
      nested: { list: [1, { a: 'b' }] },
    };
    expect(decodeBson(encodeBson(document))).toEqual(document);
  });

  it('skips over types it has no use for', () => {
    const elements = [
      [0x07, 'id', Buffer.alloc(12, 1)],
      [0x09, 'date', Buffer.alloc(8, 1)],
      [0x0a, 'nothing', Buffer.alloc(0)],
      [0x11, 'timestamp', Buffer.alloc(8, 1)],
      [0x05, 'binary', Buffer.from([2, 0, 0, 0, 0, 9, 9])],
      [0x12, 'long', Buffer.from([5, 0, 0, 0, 0, 0, 0, 0])],
      [0x08, 'ok', Buffer.from([1])],
    ] as const;
    const body = Buffer.concat(
      elements.flatMap(([tag, key, value]) => [Buffer.from([tag]), Buffer.from(`${key}\0`), value]),
    );
    const size = Buffer.alloc(4);
    size.writeInt32LE(body.length + 5);
    expect(decodeBson(Buffer.concat([size, body, Buffer.from([0])]))).toEqual({ long: 5, ok: true });
  });
});
