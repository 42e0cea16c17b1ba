/**
 * Strings written to Avro in one pass. avsc asks for a string's length in UTF-8 before it writes it, which costs more than writing it where it is short
 * and ASCII, as nearly all of ours are.
 */
import { createRequire } from 'node:module';

/** What avsc writes to, as far as it is used here. */
interface Tap {
  readonly buf: Buffer;
  pos: number;
  writeString: (text: string) => void;
}

/** Up to here the length takes one byte (zigzag). */
const longest = 63;

/** Mends avsc for every type of this process. What is long, not ASCII or beyond the end of the buffer goes avsc's own way. */
export function writeShortStringsAtOnce(): void {
  const { Tap } = createRequire(import.meta.url)('avsc/lib/utils') as { readonly Tap: { readonly prototype: Tap } };
  const { writeString } = Tap.prototype;
  Tap.prototype.writeString = function (text) {
    const { length } = text;
    const { buf, pos } = this;
    if (length > longest || pos + length >= buf.length) return writeString.call(this, text);
    for (let i = 0; i < length; i++) {
      const character = text.charCodeAt(i);
      if (character > 0x7f) return writeString.call(this, text);
      buf[pos + 1 + i] = character;
    }
    buf[pos] = length * 2;
    this.pos = pos + 1 + length;
  };
}
