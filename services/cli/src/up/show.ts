/** What `up` shows once everything runs: the summary, where to look, and what changes. */
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '@tokenline/runtime';
import { openDoor } from '../door.js';
import type { Screen } from './screen.js';
import { fetchSummary, summaryLine, summaryLines } from './summary.js';

export interface ShowContext {
  readonly config: Config;
  /** The environment of the services. */
  readonly env: NodeJS.ProcessEnv;
  readonly screen: Screen;
  readonly signal: AbortSignal;
}

const liveEveryMs = 2_000;

/** Shows the summary with where to look, then keeps it current until `signal` aborts. */
export async function showUntil({ config, env, screen, signal }: ShowContext): Promise<void> {
  const query = openDoor('query', env);
  const summary = await fetchSummary(query);
  const lines = [
    '',
    ...(summary === undefined ? [] : summaryLines(summary)),
    '',
    `  Look around   ${query.url}/docs`,
    `                ${query.url}/v1/tokens?status=SUSPENDED`,
    `                npx tokenline tokens · timeline <id> · notices · dead-letters list`,
    `  Send to       ${openDoor('ingest', env).url}/v1/inbound/thredd/ehi`,
    `  Logs          ${shownPath(join(config.home, 'logs'))}`,
    '',
    '  Ctrl-C stops everything.',
  ];
  for (const line of lines) screen.say(line);
  let shown = summary === undefined ? '' : summaryLine(summary);
  while (!signal.aborted) {
    await delay(liveEveryMs, undefined, { signal }).catch(() => undefined);
    const now = signal.aborted ? undefined : await fetchSummary(query);
    if (now === undefined || summaryLine(now) === shown) continue;
    shown = summaryLine(now);
    screen.live(shown);
  }
}

/** A path as short as it can be said here. */
export function shownPath(path: string): string {
  const below = relative(process.cwd(), path);
  return below === '' || below.startsWith('..') ? path : below;
}
