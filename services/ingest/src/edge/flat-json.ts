/** JSON without loss: numbers keep the digits they were written with; a key given twice, with values that differ, is refused. */
import { type Fault, type Rejection, rejection, rejectionOf } from '@tokenline/domain';
import { LosslessNumber, parse } from 'lossless-json';

export type Fields = ReadonlyMap<string, string>;
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly rejection: Rejection };

/**
 * Numbers as their text. What is flat and in order, as nearly every message is, is read member by member (a fifth of the time of the whole door
 * otherwise); anything else by the parser of any JSON, which also knows what is wrong with it.
 */
export function parseFlatJson(text: string): Parsed<Fields> {
  const fields = readMembers(text);
  return fields === undefined ? parseAnyFlat(text) : { ok: true, value: fields };
}

const string = String.raw`"([^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*)"`;
const number = String.raw`(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)`;
const blank = String.raw`[ \t\n\r]*`;
const opening = new RegExp(`${blank}\\{`, 'y');
const member = new RegExp(
  `${blank}${string}${blank}:${blank}(?:${string}|${number}|(true|false)|null)${blank}([,}])`,
  'y',
);
const ending = new RegExp(`${blank}$`, 'y');

/** Undefined where the text is not an object of plain values, each named once. */
function readMembers(text: string): Fields | undefined {
  opening.lastIndex = 0;
  if (!opening.test(text)) return undefined;
  const fields = new Map<string, string>();
  const names = new Set<string>();
  member.lastIndex = opening.lastIndex;
  for (;;) {
    const found = member.exec(text);
    if (found === null) return undefined;
    const [, quotedName = '', quoted, digits, truth, next] = found;
    const name = unquoted(quotedName);
    const value = quoted === undefined ? (digits ?? truth) : unquoted(quoted);
    if (name === undefined || names.has(name) || (quoted !== undefined && value === undefined)) return undefined;
    names.add(name);
    if (value !== undefined) fields.set(name, value);
    if (next === '}') break;
  }
  ending.lastIndex = member.lastIndex;
  return ending.test(text) ? fields : undefined;
}

/** What a string holds between its quotes; undefined where an escape is none. */
function unquoted(text: string): string | undefined {
  if (!text.includes('\\')) return text;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return undefined;
  }
}

/** The same by the parser of any JSON. */
export function parseAnyFlat(text: string): Parsed<Fields> {
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
