/** Error answers of the HTTP doors: application/problem+json (RFC 9457) with the fields at fault. */

export interface FieldProblem {
  /** The field, as the sender names it. */
  readonly path: string;
  /** What is wrong; never the value. */
  readonly message: string;
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly errors?: readonly FieldProblem[];
}

export const problemType = 'application/problem+json';

/** A problem document; `code` is the stable reason code, part of `type`. */
export function problem(
  status: number,
  code: string,
  title: string,
  extra: Partial<Pick<Problem, 'detail' | 'errors'>> = {},
): Problem {
  return { type: `urn:tokenline:problem:${code.toLowerCase().replaceAll('_', '-')}`, title, status, ...extra };
}
