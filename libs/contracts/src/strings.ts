/**
 * Strings written to Avro in one pass. avsc asks for a string's length in UTF-8 before it writes it, which costs more than writing it where it is short
 * and ASCII, as nearly all of ours are, and half as much as writing it where it is long, as sealed messages are.
 */
import { createRequire } from 'node:module';

/** What avsc writes to, as far as it is used here. */
interface Tap {
  readonly buf: Buffer & { utf8Write: (text: string, at: number) => number };
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

/** Of a long text, up to here the length takes two bytes, whatever characters it has. */
const longestOfTwo = 8_191;
const longestCharacter = 3;

/** The same for a text above that, of ASCII as well or not: it is written where it will stand behind a length of two bytes, and then its length is known. */
function putLongText(out: Tap['buf'], text: string, at: number): number {
  const most = longestCharacter * text.length;
  if (most > longestOfTwo || at + 2 + most > out.length) return -1;
  const length = out.utf8Write(text, at + 2);
  out[at] = ((length << 1) & 0x7f) | 0x80;
  out[at + 1] = length >> 6;
  return at + 2 + length;
}

/** Mends avsc for every type of this process. What neither writes (short but not ASCII, very long, beyond the end of the buffer) goes avsc's own way. */
export function writeStringsAtOnce(): void {
  const { Tap } = createRequire(import.meta.url)('avsc/lib/utils') as { readonly Tap: { readonly prototype: Tap } };
  const { writeString } = Tap.prototype;
  Tap.prototype.writeString = function (text) {
    const { buf, pos } = this;
    const end = text.length > longest ? putLongText(buf, text, pos) : putShortText(buf, text, pos);
    if (end < 0) writeString.call(this, text);
    else this.pos = end;
  };
}
