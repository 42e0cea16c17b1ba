import { collectionsOf, createRegistry, openStore, type Registry, type Store } from '@tokenline/store';
import { formatReport, type Report, verify as verifySystem } from '@tokenline/verification';
import { CliError } from '../errors.js';
import { type Io, printJson } from '../io.js';
import { reachLog } from '../servers.js';

export interface VerifyArguments {
  /** Longest to wait for stages that are behind, in seconds. */
  readonly wait: number;
  readonly json: boolean;
}

/**
 * Prints a verdict on every invariant, running system or stopped; needs Kafka and the registry, and MongoDB for some of the verdicts.
 * Throws CliError when an invariant is broken.
 */
export async function verify(io: Io, { wait, json }: VerifyArguments): Promise<void> {
  const { config, codec, log } = await reachLog(io, 'verify');
  const store = openStore(config.mongodbUri, config.databaseName);
  const look = (live: Live | undefined): Promise<Report> =>
    verifySystem(
      { log, codec, collections: live?.collections, now: Date.now },
      { waitMs: wait * 1_000, ...live?.options, ...(io.isTty && !json && { onProgress: io.note }) },
    );
  try {
    const problem = await store.problem();
    if (problem !== undefined) io.note(problem);
    const registry = problem === undefined ? createRegistry(store.db) : undefined;
    const live = registry && (await liveOf(store.db, registry));
    let report = await look(live);
    const now = registry && (await liveOf(store.db, registry));
    if (!report.ok && live?.marks !== now?.marks) {
      io.note('A rebuilt projection has gone live meanwhile; looking again.');
      report = await look(now);
    }
    if (json) printJson(io, report);
    else io.out(formatReport(report));
    const broken = report.verdicts.filter((verdict) => verdict.outcome === 'broken').map((verdict) => verdict.code);
    if (broken.length > 0) throw new CliError(`Broken: ${broken.join(', ')}.`);
  } finally {
    await store.close();
  }
}

type Live = Awaited<ReturnType<typeof liveOf>>;

/** The live generations of the projections, the consumer groups that feed them, and what tells them from others. */
async function liveOf(db: Store['db'], registry: Registry) {
  const docs = { tokens: await registry.read('tokens'), 'dead-letters': await registry.read('dead-letters') };
  const groups = { 'read models': docs.tokens.live.group, 'dead letters': docs['dead-letters'].live.group };
  return {
    collections: collectionsOf(db, (name) => docs[name].live.number),
    options: { groups },
    marks: Object.values(groups).join(' '),
  };
}
