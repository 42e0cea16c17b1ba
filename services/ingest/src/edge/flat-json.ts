/** JSON without loss: numbers keep the digits they were written with; a key given twice, with values that differ, is refused. */
import { type Fault, type Rejection, rejection, rejectionOf } from '@tokenline/domain';
import { LosslessNumber, parse } from 'lossless-json';

export type Fields = ReadonlyMap<string, string>;
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly rejection: Rejection };

/** Numbers as their text. */
export function parseFlatJson(text: string): Parsed<Fields> {
  const parsed = parseOnce(text, (digits) => new LosslessNumber(digits));
  if (!parsed.ok) return parsed;
  const root = parsed.value;
  if (typeof root !== 'object' || root === null || Array.isArray(root) || root instanceof LosslessNumber) {
    return { ok: false, rejection: rejection('NOT_FLAT', [{ path: '', message: 'is not a JSON object' }]) };
  }
  const fields = new Map<string, string>();
  const faults: Fault[] = [];
  for (const [name, value] of Object.entries(root)) {
    if (typeof value === 'string') fields.set(name, value);
    else if (value instanceof LosslessNumber) fields.set(name, value.value);
    else if (typeof value === 'boolean') fields.set(name, String(value));
    else if (value !== null) faults.push({ code: 'NOT_FLAT', path: name, message: 'holds a nested value' });
  }
  const [first, ...rest] = faults;
  return first === undefined ? { ok: true, value: fields } : { ok: false, rejection: rejectionOf([first, ...rest]) };
}

/** Any JSON: whole numbers a double cannot hold stay text, all others become numbers. */
export function parseJson(text: string): Parsed<unknown> {
  return parseOnce(text, (digits) => {
    const number = Number(digits);
    return Number.isInteger(number) && !Number.isSafeInteger(number) ? digits : number;
  });
}

/** Our own deepest message has six levels. What walks a document afterwards may recurse: 3,000 levels, which fit the size limit, end its stack. */
const deepest = 64;

function parseOnce(text: string, parseNumber: (digits: string) => unknown): Parsed<unknown> {
  if (depthOf(text) > deepest) {
    return {
      ok: false,
      rejection: rejection('NOT_JSON', [{ path: '', message: `is nested deeper than ${deepest} levels` }]),
    };
  }
  const repeated: Fault[] = [];
  try {
    const value = parse(text, undefined, {
      parseNumber,
      onDuplicateKey: ({ key, newValue }) => {
        repeated.push({ code: 'FIELD_REPEATED', path: key, message: 'is given twice' });
        return newValue;
      },
    });
    const [first, ...rest] = repeated;
    return first === undefined ? { ok: true, value } : { ok: false, rejection: rejectionOf([first, ...rest]) };
  } catch {
    // The parser's own message quotes the text around the fault: it must not travel.
    return { ok: false, rejection: rejection('NOT_JSON') };
  }
}

/** How deep lists and objects are nested; brackets in strings do not count. Of a text that is no JSON it may say anything. */
function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (quoted) {
      if (character === '\\') i += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '[' || character === '{') most = Math.max(most, ++depth);
    else if (character === ']' || character === '}') depth -= 1;
  }
  return most;
}
