import { createCodec } from '@tokenline/contracts';
import { collections, openStore } from '@tokenline/store';
import { createLog } from '@tokenline/streams';
import { formatReport, verify as verifySystem } from '@tokenline/verification';
import { CliError } from '../errors.js';
import { type Io, printJson } from '../io.js';
import { quietLog } from '../quiet-log.js';
import { toolConfig } from '../settings.js';

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
  const config = toolConfig(io.env);
  const codec = await createCodec(config.schemaRegistryUrl, config.prefix).catch((error: Error) => {
    throw new CliError(error.message);
  });
  const log = createLog(config.kafka, config.prefix, quietLog(io.env), 'verify');
  const store = openStore(config.mongodbUri, config.databaseName);
  try {
    const problem = await store.problem();
    if (problem !== undefined) io.note(problem);
    const report = await verifySystem(
      { log, codec, collections: problem === undefined ? collections(store.db) : undefined, now: Date.now },
      { waitMs: wait * 1_000, ...(io.isTty && !json && { onProgress: io.note }) },
    );
    if (json) printJson(io, report);
    else io.out(formatReport(report));
    const broken = report.verdicts.filter((verdict) => verdict.outcome === 'broken').map((verdict) => verdict.code);
    if (broken.length > 0) throw new CliError(`Broken: ${broken.join(', ')}.`);
  } finally {
    await store.close();
  }
}
