import type { Notice, Page } from '../answers.js';
import { openDoor } from '../door.js';
import { findToken } from '../find-token.js';
import { type Io, printJson } from '../io.js';
import { readOutbox } from '../outbox.js';
import { homeOf } from '../run-file.js';
import { shortTime, table } from '../table.js';
import { queryOf } from './tokens.js';

export interface NoticesArguments {
  readonly token?: string;
  readonly kind?: string;
  readonly state?: string;
  readonly outcome?: string;
  readonly wallet?: string;
  readonly network?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit?: string;
  readonly cursor?: string;
  readonly json: boolean;
}

/** Prints the notice ledger and, where messages went to the local outbox, their text. */
export async function notices(io: Io, given: NoticesArguments): Promise<void> {
  const door = openDoor('query', io.env);
  const tokenId = given.token === undefined ? undefined : (await findToken(door, given.token)).tokenId;
  const { kind, state, outcome, wallet, network, from, to, limit, cursor } = given;
  const asked = { tokenId, kind, state, outcome, wallet, network, from, to, limit, cursor };
  const page = await door.json<Page<Notice>>(`/v1/notices${queryOf(asked)}`);
  const texts = readOutbox(homeOf(io.env));
  if (given.json) {
    const items = page.items.map((notice) => ({ ...notice, outbox: texts.get(notice.noticeId) }));
    return printJson(io, { ...page, items });
  }
  if (page.items.length === 0) return io.note('No notice matches.');
  io.out(
    table(
      ['kind', 'state', 'outcome', 'due (UTC)', 'sent (UTC)', 'channel or reason', 'token'],
      page.items.map((notice) => [
        notice.kind,
        notice.state,
        notice.outcome,
        shortTime(notice.dueAt),
        shortTime(notice.sentAt),
        notice.reason ?? notice.channel,
        notice.tokenId,
      ]),
    ),
  );
  for (const notice of page.items) {
    const text = texts.get(notice.noticeId);
    if (text !== undefined) io.out(`\n── ${notice.kind} for ${notice.tokenId}, in the local outbox\n${indented(text)}`);
  }
  if (page.nextCursor !== undefined) io.note(`More: add --cursor ${page.nextCursor}`);
}

function indented(text: string): string {
  return text
    .trim()
    .split('\n')
    .map((line) => `   ${line}`.trimEnd())
    .join('\n');
}
