/** The picture as `up` shows it: tokens by status, notices met, dead letters. */
import type { Door } from '../door.js';
import { CliError } from '../errors.js';

/** `GET /v1/summary` of the query door; counts by name, names without any are left out. */
export interface Summary {
  readonly tokens: { readonly total: number; readonly byStatus: Counts };
  readonly notices: { readonly total: number; readonly byState: Counts; readonly byOutcome: Counts };
  readonly deadLetters: { readonly total: number; readonly open: number };
}

type Counts = Readonly<Record<string, number>>;

/** The summary, or undefined while the door cannot tell. */
export async function fetchSummary(query: Door): Promise<Summary | undefined> {
  try {
    return await query.json<Summary>('/v1/summary', { timeoutMs: 5_000 });
  } catch (error) {
    if (error instanceof CliError) return undefined;
    throw error;
  }
}

/** Notices whose outcome is still open. */
export function undecided({ notices }: Summary): number {
  return notices.byOutcome.UNDECIDED ?? 0;
}

/** The summary in a few lines. */
export function summaryLines(summary: Summary): string[] {
  const { tokens, notices, deadLetters } = summary;
  return [
    `  Tokens        ${tokens.total}  ${statuses(tokens.byStatus)}`,
    `  Notices       ${notices.total}  met ${notices.byOutcome.MET ?? 0} · breached ${notices.byOutcome.BREACHED ?? 0} · undecided ${undecided(summary)}${others(notices.byOutcome)}`,
    `  Dead letters  ${deadLetters.total}  open ${deadLetters.open}`,
  ];
}

/** The summary in one line, for a live display. */
export function summaryLine({ tokens, notices, deadLetters }: Summary): string {
  const met = `${notices.byOutcome.MET ?? 0} of ${notices.total - (notices.byOutcome.NONE ?? 0)} notices met`;
  return `  now: ${tokens.total} tokens (${statuses(tokens.byStatus)}), ${met}, ${deadLetters.open} open dead letters`;
}

/** Notices that nobody obliges anybody to by a time. */
function others({ NONE = 0 }: Counts): string {
  return NONE === 0 ? '' : ` · without a deadline ${NONE}`;
}

function statuses(byStatus: Counts): string {
  return ['INACTIVE', 'ACTIVE', 'SUSPENDED', 'DELETED']
    .filter((status) => (byStatus[status] ?? 0) > 0)
    .map((status) => `${status} ${byStatus[status]}`)
    .join(' · ');
}
