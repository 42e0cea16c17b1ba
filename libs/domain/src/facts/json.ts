/** Reading plain JSON values against what is expected of them, gathering every fault with its path. Messages name the fault, never the value. */

import type { Fault, ReasonCode } from '../reasons.js';
import { asUtc, type ClockTime, exists } from '../time.js';

/** Longest text taken, in characters; sealed values, which grow with what they hold, are longer. */
const longestText = 512;
const longestSealed = 65_536;

export interface JsonReader {
  readonly text: (name: string) => string | undefined;
  readonly requiredText: (name: string) => string | undefined;
  readonly sealed: (name: string) => string | undefined;
  readonly word: <T extends string>(name: string, allowed: readonly T[]) => T | undefined;
  /** ISO 8601 with a zone, or epoch ms; as epoch ms. */
  readonly instant: (name: string) => number | undefined;
  readonly words: <T extends string>(name: string, allowed: readonly T[]) => readonly T[] | undefined;
  readonly texts: (name: string) => readonly string[] | undefined;
  readonly flag: (name: string) => boolean | undefined;
  readonly object: (name: string) => JsonReader | undefined;
  readonly objects: (name: string) => readonly JsonReader[];
  readonly has: (name: string) => boolean;
  readonly fault: (code: ReasonCode, name: string, message: string) => undefined;
  /** To be called once every field has been asked for: what nobody asked for is a fault. */
  readonly done: () => void;
}

/** Reads `value` as an object at `path`; faults go to `faults`. Null counts as absent. */
export function readObject(value: unknown, path: string, faults: Fault[]): JsonReader | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    faults.push({ code: 'FIELD_INVALID', path, message: 'is not an object' });
    return undefined;
  }
  const fields = new Map(Object.entries(value).filter(([, field]) => field !== null && field !== undefined));
  const asked = new Set<string>();
  const get = (name: string): unknown => {
    asked.add(name);
    return fields.get(name);
  };
  const pathOf = (name: string): string => (path === '' ? name : name === '' ? path : `${path}.${name}`);
  const fault = (code: ReasonCode, name: string, message: string): undefined => {
    faults.push({ code, path: pathOf(name), message });
    return undefined;
  };
  const textOf = (name: string, longest: number): string | undefined => {
    const field = get(name);
    if (field === undefined) return undefined;
    const text = Number.isSafeInteger(field) ? String(field) : field;
    if (typeof text !== 'string') return fault('FIELD_INVALID', name, 'is not text');
    const trimmed = text.trim();
    if (trimmed.length > longest) return fault('FIELD_INVALID', name, `is longer than ${longest} characters`);
    return trimmed === '' ? undefined : trimmed;
  };
  const oneOf = <T extends string>(field: unknown, name: string, allowed: readonly T[]): T | undefined =>
    (allowed as readonly unknown[]).includes(field)
      ? (field as T)
      : fault('FIELD_INVALID', name, `is not one of ${allowed.join(', ')}`);
  const text = (name: string) => textOf(name, longestText);
  return {
    text,
    requiredText: (name) => {
      const before = faults.length;
      const found = text(name);
      return found ?? (faults.length > before ? undefined : fault('FIELD_MISSING', name, 'is missing or blank'));
    },
    sealed: (name) => textOf(name, longestSealed),
    word: (name, allowed) => {
      const field = get(name);
      return field === undefined ? undefined : oneOf(field, name, allowed);
    },
    instant: (name) => {
      const field = get(name);
      if (field === undefined) return undefined;
      return (
        instantOfJson(field) ??
        fault('IMPOSSIBLE_DATE', name, 'is not a time that exists, in ISO 8601 with a zone or in epoch milliseconds')
      );
    },
    words: (name, allowed) => {
      const field = get(name);
      if (field === undefined) return undefined;
      if (!Array.isArray(field)) return fault('FIELD_INVALID', name, 'is not an array');
      const words = field.map((item, i) => oneOf(item, `${name}[${i}]`, allowed));
      return words.filter((word) => word !== undefined);
    },
    texts: (name) => {
      const field = get(name);
      if (field === undefined) return undefined;
      if (!Array.isArray(field)) return fault('FIELD_INVALID', name, 'is not an array');
      for (const [i, item] of field.entries()) {
        if (typeof item !== 'string') fault('FIELD_INVALID', `${name}[${i}]`, 'is not text');
      }
      return field.filter((item) => typeof item === 'string');
    },
    flag: (name) => {
      const field = get(name);
      if (field === undefined || typeof field === 'boolean') return field;
      return fault('FIELD_INVALID', name, 'is not true or false');
    },
    object: (name) => {
      const field = get(name);
      return field === undefined ? undefined : readObject(field, pathOf(name), faults);
    },
    objects: (name) => {
      const field = get(name);
      if (field === undefined) return [];
      if (!Array.isArray(field)) {
        fault('FIELD_INVALID', name, 'is not an array');
        return [];
      }
      return field
        .map((item, i) => readObject(item, pathOf(`${name}[${i}]`), faults))
        .filter((reader) => reader !== undefined);
    },
    has: (name) => fields.has(name),
    fault,
    done: () => {
      for (const name of fields.keys()) if (!asked.has(name)) fault('FIELD_INVALID', name, 'is not a field known here');
    },
  };
}

const isoForm = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-](?:0\d|1[0-8]):?[0-5]\d)$/;

/** ISO 8601 with a zone, or epoch ms, as epoch ms; undefined when there is no such time. */
export function instantOfJson(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  const match = typeof value === 'string' ? isoForm.exec(value.trim()) : null;
  if (match === null) return undefined;
  const [year, month, day, hour, minute] = match.slice(1, 6).map(Number) as [number, number, number, number, number];
  const second = Number(match[6] ?? 0);
  const millisecond = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3));
  const time: ClockTime = { year, month, day, hour, minute, second, millisecond };
  return exists(time) ? asUtc(time) - offsetMinutes(match[8] as string) * 60_000 : undefined;
}

function offsetMinutes(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return zone.startsWith('-') ? -minutes : minutes;
}
