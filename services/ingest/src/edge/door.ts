/**
 * What every door of the edge does with a body: read it, refuse it or take it, and take it durably before it says so.
 * A door reads and seals; server.ts answers, writes dead letters and knows HTTP.
 */
import type { Rejection } from '@tokenline/domain';

export interface Submission {
  readonly body: Buffer;
  readonly contentType: string | undefined;
  /** Transport headers worth keeping. */
  readonly headers: Readonly<Record<string, string>>;
  /** When the edge first received it, epoch ms UTC; on a redrive the first time still. */
  readonly receivedAt: number;
  readonly sender: string | undefined;
  /** What stands behind the door's own address, path and query as sent, where the door takes whatever does: `v1/sendPasscode`. */
  readonly target?: string | undefined;
  /** The dead letter it comes from. */
  readonly redriveOf?: string;
}

export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export type Taken =
  | {
      readonly ok: true;
      /** Makes it durable. Throws LogUnavailable or StoreUnavailable when it cannot be. */
      readonly commit: () => Promise<void>;
      readonly reply: Reply;
      /** Receipt, where there is one. */
      readonly inboundId?: string;
    }
  | { readonly ok: false; readonly rejection: Rejection };

export interface Door {
  /** Name of the interface, in messages, dead letters and metrics. */
  readonly source: string;
  readonly operation: string;
  /** The operation a target is, in the words of the messages; without it `operation` names the only one. */
  readonly operationOf?: (target: string) => string;
  /** A refusal in the sender's own form; without it, or where it gives none, application/problem+json. */
  readonly refusal?: (why: Rejection, submission: Submission) => Reply | undefined;
  /** Whether it takes XML beside JSON. */
  readonly takesXml: boolean;
  readonly take: (submission: Submission) => Promise<Taken>;
}

export function json(status: number, value: unknown): Reply {
  return { status, contentType: 'application/json; charset=utf-8', body: JSON.stringify(value) };
}
