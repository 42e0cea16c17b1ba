import {
  aliasKey,
  createMappers,
  type InboundMessage,
  type Mapping,
  mapMessage,
  rejection,
  type TokenFact,
} from '@tokenline/domain';
import { zoneContext } from '@tokenline/runtime';
import { CliError } from '../errors.js';
import { type Io, printJson } from '../io.js';
import { type Counts, createComparison, type FactFinding } from '../renormalize/comparison.js';
import { type EndsDifferently, endingOf } from '../renormalize/endings.js';
import { type LogServers, reachLog } from '../servers.js';
import { table } from '../table.js';
import { createTicker } from '../ticker.js';
import { counted } from '../words.js';

const mostShown = 20;

type Reader = Pick<LogServers, 'log' | 'codec'>;

/**
 * Replays the messages of tsp.inbound through the present mappers and compares what comes out with token.facts; writes nothing.
 * Throws CliError when a fact differs.
 */
export async function renormalize(io: Io, json: boolean): Promise<void> {
  const servers = await reachLog(io, 'renormalize');
  let reading = 'messages';
  let read = 0;
  const ticker = createTicker(io.note, (done) => `${done} ${reading} read`);
  try {
    const comparison = createComparison();
    await eachMessage(servers, zoneContext(servers.config.ehiTimeZone), (message, mapping) => {
      comparison.message(message, mapping);
      ticker.tick(++read);
    });
    reading = 'facts';
    read = 0;
    await eachFact(servers, (fact) => {
      comparison.fact(fact);
      ticker.tick(++read);
    });
    const findings = comparison.findings();
    const tokens = findings.length === 0 ? [] : await endings(servers, findings);
    ticker.stop();
    answer(io, comparison.counts(), findings, tokens, json);
  } finally {
    ticker.stop();
  }
}

/** Messages the normalizer has handled, each with what the present mappers make of it. */
async function eachMessage(
  { log, codec }: Reader,
  context: Parameters<typeof createMappers>[0],
  take: (message: InboundMessage, mapping: Mapping) => void,
): Promise<void> {
  const mappers = createMappers(context);
  const handled = await log.committed('ingest.normalizer', 'tsp.inbound');
  await log.scanFrom('tsp.inbound', new Map(), async ({ partition, offset, value }) => {
    if (value === null || offset >= (handled.get(partition) ?? 0)) return;
    const decoded = await codec.decode(value);
    if (decoded.ok && decoded.type === 'tokenline.inbound.InboundMessage')
      take(decoded.value, mapped(mappers, decoded.value));
  });
}

/** A mapper that throws has made nothing of the message: the normalizer puts it aside. */
function mapped(mappers: ReturnType<typeof createMappers>, message: InboundMessage): Mapping {
  try {
    return mapMessage(mappers, message);
  } catch {
    return { ok: false, rejection: rejection('INTERNAL') };
  }
}

async function eachFact({ log, codec }: Reader, take: (fact: TokenFact) => void): Promise<void> {
  await log.scanFrom('token.facts', new Map(), async ({ value }) => {
    const decoded = value === null ? undefined : await codec.decode(value);
    if (decoded?.ok && decoded.type === 'tokenline.facts.TokenFact') take(decoded.value);
  });
}

/** The tokens that would end differently: the facts are read twice more, once for which tokens are touched, once for all facts of these. */
async function endings(servers: Reader, findings: readonly FactFinding[]): Promise<readonly EndsDifferently[]> {
  const byFact = new Map(findings.filter(({ what }) => what !== 'new').map((finding) => [finding.factId, finding]));
  const fresh = findings.filter(({ what }) => what === 'new');
  const wanted = new Set(fresh.flatMap(({ draft }) => draft?.aliases.map(aliasKey) ?? []));
  const touched = new Map<string, TokenFact[]>();
  const named = new Map<string, string>();
  await eachFact(servers, ({ tokenId, factId, aliases }) => {
    if (byFact.has(factId)) touched.set(tokenId, []);
    for (const key of aliases.map(aliasKey)) if (wanted.has(key)) named.set(key, tokenId);
  });
  const added = new Map<string, FactFinding[]>();
  for (const finding of fresh) {
    const tokenId = tokenOf(finding, named);
    added.set(tokenId, [...(added.get(tokenId) ?? []), finding]);
    if (!touched.has(tokenId)) touched.set(tokenId, []);
  }
  await eachFact(servers, (fact) => void touched.get(fact.tokenId)?.push(fact));
  return [...touched].flatMap(([tokenId, facts]) => endingOf(tokenId, facts, byFact, added.get(tokenId) ?? []) ?? []);
}

/** The token one of its names belongs to, else one of its own. */
function tokenOf({ factId, draft }: FactFinding, named: ReadonlyMap<string, string>): string {
  const known = draft?.aliases.map((alias) => named.get(aliasKey(alias))).find((tokenId) => tokenId !== undefined);
  return draft?.tokenId ?? known ?? `(new, by fact ${factId})`;
}

function answer(
  io: Io,
  counts: Counts,
  findings: readonly FactFinding[],
  tokens: readonly EndsDifferently[],
  json: boolean,
): void {
  const { messages, refused, same, withoutMessage } = counts;
  const inShort = `${counted(messages, 'message')} replayed (${refused} refused): ${counted(same, 'fact')} the same`;
  const left = `${counted(withoutMessage, 'fact')} without a message in tsp.inbound not compared`;
  if (json) {
    const differing = findings.map(({ factId, what, fields }) => ({ factId, what, fields }));
    printJson(io, { ...counts, differing, tokens });
  } else {
    io.out(`${inShort}, ${findings.length} different; ${left}.`);
    if (findings.length > 0)
      io.out(
        shortened(
          ['fact', 'what', 'fields'],
          findings.map(({ factId, what, fields }) => [factId, what, fields.join(', ')]),
        ),
      );
    if (tokens.length > 0)
      io.out(
        shortened(
          ['token', 'would end differently in'],
          tokens.map(({ tokenId, differs }) => [tokenId, differs.join(', ')]),
        ),
      );
  }
  if (findings.length > 0) {
    throw new CliError(
      `${counted(findings.length, 'fact')} would come out differently, and ${counted(tokens.length, 'token')} would end differently. Nothing was written.`,
    );
  }
}

function shortened(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const more = rows.length > mostShown ? `\nand ${rows.length - mostShown} more (--json shows all)` : '';
  return `${table(header, rows.slice(0, mostShown))}${more}`;
}
