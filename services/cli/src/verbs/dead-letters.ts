import type { DeadLetter, Page } from '../answers.js';
import { openDoor, refusal } from '../door.js';
import { CliError } from '../errors.js';
import { type Io, printJson } from '../io.js';
import { shownSealed } from '../sealed.js';
import { fields, shortTime, table } from '../table.js';
import { queryOf } from './tokens.js';

export interface ListArguments {
  readonly reason?: string;
  readonly source?: string;
  readonly state?: string;
  readonly since?: string;
  readonly limit?: string;
  readonly cursor?: string;
  readonly json: boolean;
}

/** Prints a page of dead letters, newest first. */
export async function listDeadLetters(io: Io, { json, reason, ...filters }: ListArguments): Promise<void> {
  const asked = queryOf({ ...filters, reasonCode: reason });
  const page = await openDoor('query', io.env).json<Page<DeadLetter>>(`/v1/dead-letters${asked}`);
  if (json) return printJson(io, page);
  if (page.items.length === 0) return io.note('No dead letters.');
  io.out(
    table(
      ['id', 'failed (UTC)', 'state', 'stage', 'source', 'reason', 'fields'],
      page.items.map((letter) => [
        letter.deadLetterId,
        shortTime(letter.failedAt),
        letter.state,
        letter.stage,
        letter.source,
        letter.reasonCode,
        letter.errors.map((error) => error.path).join(', '),
      ]),
    ),
  );
  if (page.nextCursor !== undefined) io.note(`More: add --cursor ${page.nextCursor}`);
}

/** Prints one dead letter. The original stays sealed. Throws CliError when there is none of that id. */
export async function showDeadLetter(io: Io, id: string, json: boolean): Promise<void> {
  const letter = await find(io, id);
  if (json) return printJson(io, shownSealed(letter));
  io.out(
    fields([
      ['dead letter', letter.deadLetterId],
      ['state', letter.state],
      ['stage', letter.stage],
      ['source', `${letter.source} ${letter.operation}`],
      ['reason', letter.reasonCode],
      ['', letter.explanation],
      ...letter.errors.map((error) => [`field ${error.path}`, error.message] as const),
      ['received (UTC)', shortTime(letter.receivedAt)],
      ['failed (UTC)', shortTime(letter.failedAt)],
      ['times', letter.occurrences],
      ['redriven (UTC)', shortTime(letter.redrivenAt)],
      ['last redrive', letter.redriveReason],
      ['original', letter.original === undefined ? 'not kept' : String(shownSealed(letter.original))],
    ]),
  );
}

async function find(io: Io, id: string): Promise<DeadLetter> {
  const answer = await openDoor('query', io.env).send(`/v1/dead-letters/${encodeURIComponent(id)}`);
  if (answer.status === 404) throw new CliError(`No dead letter has the id ${id}.`);
  if (!answer.ok) throw new CliError(`The query door ${refusal(answer)}.`);
  return JSON.parse(answer.text) as DeadLetter;
}

export interface RedriveArguments {
  readonly reason?: string;
  /** ISO time or date. */
  readonly since?: string;
  /** Every open one. */
  readonly all: boolean;
  readonly json: boolean;
}

/** The ingest door's answer; letters that had been redriven before are in neither count. */
interface Redriven {
  readonly redriven: number;
  readonly failed: number;
  readonly items: readonly {
    readonly deadLetterId: string;
    readonly accepted: boolean;
    readonly reasonCode?: string;
  }[];
}

/**
 * Sends dead letters through again: by id, or all open ones of a reason code, since a time, or altogether.
 * Throws CliError when nothing says which, and when some were refused again.
 */
export async function redriveDeadLetters(io: Io, ids: readonly string[], given: RedriveArguments): Promise<void> {
  const { reason, since, all, json } = given;
  if (ids.length === 0 && reason === undefined && since === undefined && !all) {
    throw new CliError('Say which dead letters: give ids, --reason, --since or --all.');
  }
  if (since !== undefined && Number.isNaN(Date.parse(since))) throw new CliError('--since is no time: give ISO 8601.');
  const chosen = {
    ...(ids.length > 0 && { ids }),
    ...(reason !== undefined && { reason }),
    ...(since !== undefined && { since: new Date(since).toISOString() }),
  };
  const answer = await openDoor('ingest', io.env).json<Redriven>('/v1/dead-letters/redrive', {
    method: 'POST',
    body: JSON.stringify(chosen),
    timeoutMs: 120_000,
  });
  if (json) printJson(io, answer);
  else if (answer.items.length === 0) io.note('No dead letter matches.');
  else {
    io.out(
      table(
        ['id', 'result'],
        answer.items.map((item) => [item.deadLetterId, item.accepted ? 'redriven' : item.reasonCode]),
      ),
    );
  }
  if (answer.failed > 0)
    throw new CliError(`${answer.failed} of ${answer.items.length} dead letters were refused again.`);
}
