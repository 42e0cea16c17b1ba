/**
 * Lists of records whose own bytes are known already, written by copying those; mended in avsc. A token's memory is written anew with each fact that
 * changes it, and the facts that came just now came as bytes.
 */
import avro from 'avsc';

/** Wire bytes of records, by identity. */
export type KnownBytes = ReadonlyMap<unknown, Buffer>;

/** What avsc writes to, and its type of lists, as far as they are used here. */
interface Tap {
  readonly buf: Buffer;
  pos: number;
  readonly writeLong: (value: number) => void;
}

interface List {
  readonly itemsType: { readonly _write: (tap: Tap, value: unknown) => void };
  _write: (tap: Tap, values: unknown) => void;
}

let known: KnownBytes | undefined;

/** Runs `write`. With mended lists their records are meanwhile copied where their bytes are known. */
export function withKnown<T>(bytes: KnownBytes, write: () => T): T {
  known = bytes;
  try {
    return write();
  } finally {
    known = undefined;
  }
}

/** Mends avsc for every type of this process. Of what is known the bytes behind the first `head` are copied. */
export function mendLists(head: number): void {
  const lists = avro.types.ArrayType.prototype as unknown as List;
  const { _write: write } = lists;
  lists._write = function (tap, values) {
    if (known === undefined || !Array.isArray(values) || values.length === 0) return write.call(this, tap, values);
    tap.writeLong(values.length);
    for (const value of values) {
      const bytes = known.get(value);
      if (bytes === undefined) this.itemsType._write(tap, value);
      else put(tap, bytes, head);
    }
    tap.writeLong(0);
  };
}

function put(tap: Tap, bytes: Buffer, from: number): void {
  const end = tap.pos + bytes.length - from;
  // Without room for them avsc goes on all the same, to learn how much it takes.
  if (end <= tap.buf.length) bytes.copy(tap.buf, tap.pos, from);
  tap.pos = end;
}
