import type { OutRecord } from '@tokenline/streams';
import { CliError } from '../errors.js';
import { type Io, printJson } from '../io.js';
import { type Difference, type Differences, findDifferences } from '../lifecycle/differences.js';
import { type LogServers, reachLog } from '../servers.js';
import { table } from '../table.js';
import { createTicker } from '../ticker.js';
import { counted } from '../words.js';

const mostShown = 20;

/** Says whether token.state and lifecycle.store are what token.facts alone makes of every token. Throws CliError when they are not. */
export async function checkLifecycle(io: Io, json: boolean): Promise<void> {
  const found = await compared(io, await reachLog(io, 'lifecycle-check'));
  if (json) printJson(io, summaryOf(found));
  else show(io, found);
  if (found.differences.length > 0)
    throw new CliError(`${counted(found.differences.length, 'record')} differ from what the facts make of them.`);
}

/**
 * Writes lifecycle.store, and what is missing of token.state, as token.facts alone makes them.
 * Throws CliError while the lifecycle service runs, when it is behind, and when published states would change.
 */
export async function rebuildLifecycle(io: Io, json: boolean): Promise<void> {
  const servers = await reachLog(io, 'lifecycle-rebuild');
  await refuseWhileRunning(servers);
  const found = await compared(io, servers);
  const changed = found.differences.filter(({ topic, wrong }) => topic === 'token.state' && wrong !== 'missing');
  if (changed.length > 0) {
    if (!json) show(io, { ...found, differences: changed });
    throw new CliError(
      `${counted(changed.length, 'published state')} would change: this release decides otherwise than the one that published them. Nothing was written; use that release.`,
    );
  }
  await refuseWhileRunning(servers);
  const records = found.differences.map((difference) => recordOf(found, difference));
  const writer = servers.log.writer({ timeoutMs: 30_000 });
  const ticker = createTicker(io.note, (done) => `${done} of ${counted(records.length, 'record')} written`);
  try {
    for (let at = 0; at < records.length; at += 1_000) {
      await writer.write(records.slice(at, at + 1_000));
      ticker.tick(at);
    }
  } finally {
    ticker.stop();
    await writer.close();
  }
  if (json) printJson(io, { ...summaryOf(found), written: records.length });
  else
    io.out(`${counted(records.length, 'record')} written; ${counted(found.tokens, 'token')} as their facts make them.`);
}

async function refuseWhileRunning({ log }: LogServers): Promise<void> {
  if ((await log.members('lifecycle')) > 0)
    throw new CliError('The lifecycle service is running: stop every instance of it first. Nothing was written.');
}

async function compared(io: Io, servers: LogServers): Promise<Differences> {
  const ticker = createTicker(io.note, (facts) => `${counted(facts, 'fact')} folded`);
  try {
    return await findDifferences(servers, ticker.tick);
  } finally {
    ticker.stop();
  }
}

/** A token keeps its partition number from topic to topic. A key no token has is on a partition only the log knows: a tombstone goes by its key. */
function recordOf({ recomputed }: Differences, { topic, tokenId }: Difference): OutRecord {
  const one = recomputed.get(tokenId);
  const value = one === undefined ? null : topic === 'token.state' ? (one.state ?? null) : one.stored;
  return { topic, key: tokenId, value, ...(one !== undefined && { partition: one.partition }) };
}

function summaryOf({ facts, tokens, moving, differences }: Differences) {
  return { facts, tokens, moving, differences };
}

function show(io: Io, { facts, tokens, moving, differences }: Differences): void {
  const left = moving === 0 ? '' : ` ${counted(moving, 'token')} with facts on the way left out.`;
  if (differences.length === 0) {
    io.out(
      `${counted(facts, 'fact')} make ${counted(tokens, 'token')}: token.state and lifecycle.store hold the same.${left}`,
    );
    return;
  }
  const shown = differences.slice(0, mostShown);
  io.out(
    table(
      ['topic', 'token', 'what'],
      shown.map(({ topic, tokenId, wrong }) => [topic, tokenId, wrong]),
    ),
  );
  if (differences.length > shown.length) io.out(`and ${differences.length - shown.length} more`);
  if (left !== '') io.note(left.trim());
}
