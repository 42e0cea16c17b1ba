import { isDeepStrictEqual } from 'node:util';
import { noticeRules } from '@tokenline/domain';
import { createRegistry, openStore } from '@tokenline/store';
import { formatReport, type Report, verify as verifySystem } from '@tokenline/verification';
import { CliError } from '../errors.js';
import { type Io, printJson } from '../io.js';
import { type ReadModels, readModelsOf } from '../projections/read-models.js';
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
  const look = (live: ReadModels | undefined): Promise<Report> =>
    verifySystem(
      { log, codec, collections: live?.collections, now: Date.now },
      {
        waitMs: wait * 1_000,
        noticeRules: noticeRules(config.noticePolicy),
        ...(live && { groups: live.groups }),
        ...(io.isTty && !json && { onProgress: io.note }),
      },
    );
  try {
    const problem = await store.problem();
    if (problem !== undefined) io.note(problem);
    const registry = problem === undefined ? createRegistry(store.db) : undefined;
    const current = async () => registry && readModelsOf({ db: store.db, registry });
    const live = await current();
    let report = await look(live);
    const now = await current();
    if (!report.ok && !isDeepStrictEqual(live?.groups, now?.groups)) {
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
