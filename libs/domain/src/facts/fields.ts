/** The fields of a message as mappers read them: clear text by name or path, sensitive values sealed beside it. Blank counts as absent. */
import type { InboundMessage } from '../generated/records.js';
import type { Fault, ReasonCode } from '../reasons.js';

/** Reads fields and gathers every fault, so that a sender learns of all of them at once. */
export interface FieldReader {
  /** The trimmed value, or undefined when blank or absent. */
  readonly text: (name: string) => string | undefined;
  /** The same; its absence is a fault. */
  readonly required: (name: string) => string | undefined;
  /** The sealed value of a sensitive field. */
  readonly sealed: (name: string) => string | undefined;
  readonly fault: (code: ReasonCode, path: string, message: string) => undefined;
  readonly faults: readonly Fault[];
}

/** Field names are matched as written first, then whatever their case. */
export function readFields(message: Pick<InboundMessage, 'fields' | 'sealed'>): FieldReader {
  const faults: Fault[] = [];
  const look = (values: Readonly<Record<string, string>>) => {
    let names: readonly string[] | undefined;
    return (name: string): string | undefined => {
      let value = values[name];
      if (value === undefined) {
        names ??= Object.keys(values);
        const spelling = spelledOtherwise(names, name);
        if (spelling !== undefined) value = values[spelling];
      }
      value = value?.trim();
      return value === '' ? undefined : value;
    };
  };
  const text = look(message.fields);
  const sealed = look(message.sealed);
  const fault = (code: ReasonCode, path: string, what: string): undefined => {
    faults.push({ code, path, message: what });
    return undefined;
  };
  return {
    text,
    sealed,
    fault,
    faults,
    required: (name) => {
      const value = text(name);
      if (value !== undefined) return value;
      return sealed(name) === undefined
        ? fault('FIELD_MISSING', name, 'is missing or blank')
        : fault('FIELD_INVALID', name, 'looks like a card number, e-mail address or phone number');
    },
  };
}

/**
 * The last of `names` that is `name` but for case. The names asked for are ASCII, and nothing of another length folds into that: most are told apart
 * by their length alone. A loop: a dozen names are asked for that a message has not, and `findLast` calls a function for each name it has.
 */
function spelledOtherwise(names: readonly string[], name: string): string | undefined {
  for (let at = names.length - 1; at >= 0; at--) {
    const other = names[at] as string;
    if (other.length === name.length && other.toLowerCase() === name.toLowerCase()) return other;
  }
  return undefined;
}
