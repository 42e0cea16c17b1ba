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

/** Writes a short ASCII text behind its length, as Avro and Kafka's records both have it; gives where it ends, -1 for any other text or without room. */
export function putShortText(out: Buffer, text: string, at: number): number {
  const { length } = text;
  if (length > longest || at + length >= out.length) return -1;
  out[at] = length << 1;
  for (let n = 0; n < length; n++) {
    const code = text.charCodeAt(n);
    if (code > 0x7f) return -1;
    out[at + 1 + n] = code;
  }
  return at + 1 + length;
}

/** Mends avsc for every type of this process. What is long, not ASCII or beyond the end of the buffer goes avsc's own way. */
export function writeShortStringsAtOnce(): void {
  const { Tap } = createRequire(import.meta.url)('avsc/lib/utils') as { readonly Tap: { readonly prototype: Tap } };
  const { writeString } = Tap.prototype;
  Tap.prototype.writeString = function (text) {
    const end = putShortText(this.buf, text, this.pos);
    if (end < 0) writeString.call(this, text);
    else this.pos = end;
  };
}
