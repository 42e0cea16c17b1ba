/** JSON without loss: numbers keep the digits they were written with; a key given twice, with values that differ, is refused. */
import { type Fault, type Rejection, rejection, rejectionOf } from '@tokenline/domain';
import { LosslessNumber, parse } from 'lossless-json';
import { type Fields, fieldsOf, noFields, putField } from './clear-fields.js';

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly rejection: Rejection };

/**
 * Numbers as their text, null as none. What is flat and in order, as nearly every message is, is read member by member (a tenth of the time that the
 * parser of any JSON takes); anything else by that parser, which also knows what is wrong with it.
 */
export function parseFlatJson(text: string): Parsed<Fields> {
  const fields = readMembers(text);
  return fields === undefined ? parseAnyFlat(text) : { ok: true, value: fields };
}

/** What a string of JSON cannot hold as it is, and some control characters that it could. */
const unclean = /[\\\p{Cc}]/u;
const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const [quote, comma, colon, closing] = [0x22, 0x2c, 0x3a, 0x7d];

/** Undefined where the text is not an object of plain values without escapes, each named once. */
function readMembers(text: string): Fields | undefined {
  const clean = !unclean.test(text);
  const fields = noFields();
  let at = afterBlanks(text, 0);
  if (text[at] !== '{') return undefined;
  for (;;) {
    at = afterBlanks(text, at + 1);
    let end = endOfString(text, at);
    const name = text.slice(at + 1, end);
    if (end < 0 || (!clean && unclean.test(name))) return undefined;
    at = afterBlanks(text, end + 1);
    if (text.charCodeAt(at) !== colon) return undefined;
    at = afterBlanks(text, at + 1);
    end = endOfString(text, at);
    let value: string;
    if (end >= 0) {
      value = text.slice(at + 1, end);
      if (!clean && unclean.test(value)) return undefined;
      at = afterBlanks(text, end + 1);
    } else {
      end = endOfBare(text, at);
      value = text.slice(at, end);
      if (value === 'null') value = '';
      else if (value !== 'true' && value !== 'false' && !number.test(value)) return undefined;
      at = afterBlanks(text, end);
    }
    if (!putField(fields, name, value)) return undefined;
    const next = text.charCodeAt(at);
    if (next === closing) break;
    if (next !== comma) return undefined;
  }
  return afterBlanks(text, at + 1) === text.length ? fields : undefined;
}

/** Where the string that begins at `at` ends, as far as it holds no escape; -1 when none begins there, or none ends. */
function endOfString(text: string, at: number): number {
  return text.charCodeAt(at) === quote ? text.indexOf('"', at + 1) : -1;
}

/** Where a value that is no string ends. */
function endOfBare(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === comma || character === closing || isBlank(character)) return at;
  }
  return text.length;
}

function afterBlanks(text: string, from: number): number {
  let at = from;
  while (isBlank(text.charCodeAt(at))) at += 1;
  return at;
}

function isBlank(character: number): boolean {
  return character === 0x20 || character === 0x0a || character === 0x0d || character === 0x09;
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
    else if (value === null) fields.set(name, '');
    else faults.push({ code: 'NOT_FLAT', path: name, message: 'holds a nested value' });
  }
  const [first, ...rest] = faults;
  return first === undefined
    ? { ok: true, value: fieldsOf(fields) }
    : { ok: false, rejection: rejectionOf([first, ...rest]) };
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
