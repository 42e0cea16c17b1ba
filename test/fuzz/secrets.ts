/**
 * The canaries of a run: a few of each kind, used again and again, so that everything can be searched for all of them at the end.
 * In a message one stands as `‹card 3›` until it is sent, so that a saved or shrunk request stays readable and the same.
 */
import type { Canaries } from '../canaries.js';

export const secretKinds = ['card', 'dpan', 'phone', 'email', 'code', 'text'] as const;
export type SecretKind = (typeof secretKinds)[number];

/** Kinds that give themselves away wherever they stand; a code or a name is a secret only where it is one. */
export const tellingKinds = ['card', 'dpan', 'phone', 'email'] as const satisfies readonly SecretKind[];

const each = 6;

/** What stands for the n-th secret of a kind. */
export function placeholder(kind: SecretKind, n: number): string {
  return `‹${kind} ${n % each}›`;
}

/** Puts the canaries in the place of what stands for them. */
export function createSecrets(canaries: Canaries): (text: string) => string {
  const pool = new Map(
    secretKinds.flatMap((kind) =>
      Array.from(
        { length: each },
        (_, n) => [placeholder(kind, n), canaries[kind](`${kind} ${n} of the run`)] as const,
      ),
    ),
  );
  return (text) => text.replace(/‹\w+ \d›/g, (mark) => pool.get(mark) ?? mark);
}
