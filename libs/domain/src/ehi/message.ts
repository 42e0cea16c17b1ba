/**
 * An EHI GetTransaction message as the mapper sees it: plain text by field name, sensitive values sealed.
 * EHI in JSON leaves blank fields out, EHI in XML sends them empty, some blanks are one or two spaces: all of it is "absent" here.
 */
import type { Fault, ReasonCode } from '../reasons.js';
import type { ClockTime } from '../time.js';

export interface EhiMessage {
  /** Clear values by EHI's field names, all text. */
  readonly fields: Readonly<Record<string, string>>;
  /** Sensitive values by EHI's field names, each a JWE. */
  readonly sealed: Readonly<Record<string, string>>;
  /** When the edge received it, epoch ms UTC. */
  readonly receivedAt: number;
}

export interface EhiContext {
  /**
   * The instants (epoch ms UTC) at which clocks in the zone of EHI's local stamps show this time, earliest first:
   * none in the hour skipped in spring, two in the hour repeated in autumn, else one.
   */
  readonly localInstants: (local: ClockTime) => readonly number[];
}

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
export function readFields(message: EhiMessage): FieldReader {
  const faults: Fault[] = [];
  const look = (values: Readonly<Record<string, string>>) => {
    const folded = new Map(Object.entries(values).map(([name, value]) => [name.toLowerCase(), value]));
    return (name: string): string | undefined => {
      const value = (values[name] ?? folded.get(name.toLowerCase()))?.trim();
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
