/** What a channel says of a message, read from JSON: `{reference, status, id?, reason?, at?}`. More may be there and is left alone. */
import { type Fault, type ReceiptStatus, readObject, receiptStatusOf, rejectionOf } from '@tokenline/domain';
import type { FieldProblem } from '@tokenline/runtime';
import { safeReference } from '../channels/port.js';

export interface Said {
  /** The noticeId; the empty text where none is told. */
  readonly reference: string;
  readonly status: ReceiptStatus;
  /** Epoch milliseconds. */
  readonly at?: number | undefined;
  readonly reason?: string | undefined;
  readonly providerReference?: string | undefined;
}

export type SaidReading =
  | { readonly ok: true; readonly said: Said }
  | { readonly ok: false; readonly errors: readonly FieldProblem[] };

/** Reads a body. `reference` stands for one that it need not name: an answer to a question about it. */
export function readSaid(text: string, reference?: string): SaidReading {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, errors: [{ path: '', message: 'is not JSON' }] };
  }
  const faults: Fault[] = [];
  const read = readObject(value, '', faults);
  const named = reference ?? read?.requiredText('reference') ?? '';
  const status = read?.requiredText('status') ?? '';
  const at = read?.instant('at');
  const [first, ...rest] = faults;
  if (first !== undefined) return { ok: false, errors: rejectionOf([first, ...rest]).errors };
  const { reason, id } = value as { readonly reason?: unknown; readonly id?: unknown };
  // Words of theirs may name an address; a code of theirs may be kept.
  const code = safeReference(reason)?.slice(0, 40);
  return {
    ok: true,
    said: { reference: named, status: receiptStatusOf(status), at, reason: code, providerReference: safeReference(id) },
  };
}
