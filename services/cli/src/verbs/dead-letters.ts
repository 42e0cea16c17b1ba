import type { DeadLetter, LetterCounts, Page } from '../answers.js';
import { openDoor, refusal } from '../door.js';
import { CliError } from '../errors.js';
import { type Io, printJson } from '../io.js';
import { shownSealed } from '../sealed.js';
import { fields, shortTime, table } from '../table.js';
import { createTicker } from '../ticker.js';
import { counted } from '../words.js';
import { queryOf } from './tokens.js';

export interface ListArguments {
  readonly reason?: string;
  readonly source?: string;
  readonly state?: string;
  readonly since?: string;
  readonly until?: string;
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

/** Prints how many dead letters there are by source, stage and reason, of every time and state. */
export async function countDeadLetters(io: Io, json: boolean): Promise<void> {
  const { deadLetters } = await openDoor('query', io.env).json<LetterCounts>('/v1/summary');
  if (json) return printJson(io, deadLetters);
  if (deadLetters.total === 0) return io.note('No dead letters.');
  io.out(
    table(
      ['source', 'stage', 'reason', 'open', 'redriven'],
      deadLetters.bySource.map(({ source, stage, reasonCode, open, redriven }) => [
        source,
        stage,
        reasonCode,
        open,
        redriven,
      ]),
    ),
  );
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
  readonly source?: string;
  /** Failed at this time or later: ISO time or date. */
  readonly since?: string;
  /** Failed before this time. */
  readonly until?: string;
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

/** Few enough that progress shows, and that a request is answered well within its time. */
const atOnce = 100;

/**
 * Sends dead letters through again: by id, or all open ones of a reason code, of a source, of a time, or altogether. Which these are is asked
 * once at the beginning: one that is refused again is not tried twice, and one that has been redriven meanwhile is left alone.
 * Throws CliError when nothing says which, and when some were refused again.
 */
export async function redriveDeadLetters(io: Io, ids: readonly string[], given: RedriveArguments): Promise<void> {
  const { reason, source, since, until, all, json } = given;
  const filters = { reasonCode: reason, source, since, until };
  const chosenBy = Object.values(filters).some((filter) => filter !== undefined);
  if (ids.length === 0 && !chosenBy && !all) {
    throw new CliError('Say which dead letters: give ids, --reason, --source, --since, --until or --all.');
  }
  if (ids.length > 0 && chosenBy) throw new CliError('Give ids or filters, not both.');
  const chosen = ids.length > 0 ? ids : await openLetters(io, filters);
  const total = { redriven: 0, failed: 0, items: [] as Redriven['items'][number][] };
  const ticker = createTicker(io.note, (done) => `${done} of ${counted(chosen.length, 'dead letter')} sent through`);
  try {
    for (let at = 0; at < chosen.length; at += atOnce) {
      const answer = await openDoor('ingest', io.env).json<Redriven>('/v1/dead-letters/redrive', {
        method: 'POST',
        body: JSON.stringify({ ids: chosen.slice(at, at + atOnce) }),
        timeoutMs: 120_000,
      });
      total.redriven += answer.redriven;
      total.failed += answer.failed;
      total.items.push(...answer.items);
      ticker.tick(total.items.length);
    }
  } finally {
    ticker.stop();
  }
  if (json) printJson(io, total);
  else if (total.items.length === 0) io.note('No dead letter matches.');
  else {
    io.out(
      table(
        ['id', 'result'],
        total.items.map((item) => [item.deadLetterId, item.accepted ? 'redriven' : item.reasonCode]),
      ),
    );
  }
  if (total.failed > 0) throw new CliError(`${total.failed} of ${total.items.length} dead letters were refused again.`);
}

/** Ids of the open letters that match, those that failed first before the others. */
async function openLetters(io: Io, filters: Readonly<Record<string, string | undefined>>): Promise<readonly string[]> {
  const door = openDoor('query', io.env);
  const ids: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const asked = queryOf({ ...filters, state: 'OPEN', limit: '500', cursor });
    const page = await door.json<Page<DeadLetter>>(`/v1/dead-letters${asked}`);
    ids.push(...page.items.map((letter) => letter.deadLetterId));
    if (page.nextCursor === undefined) return ids.reverse();
    cursor = page.nextCursor;
  }
}
