import { deployAll } from '../deploy.js';
import { CliError } from '../errors.js';
import { type Io, printJson } from '../io.js';
import { quietLog } from '../quiet-log.js';
import { toolConfig } from '../settings.js';

/** Registers schemas, creates topics and indexes. Throws CliError when an existing topic stands otherwise than stated. */
export async function deploy(io: Io, json: boolean): Promise<void> {
  const deployed = await deployAll(toolConfig(io.env), quietLog(io.env));
  if (json) printJson(io, deployed);
  else {
    io.out(`${deployed.subjects} schemas registered.`);
    io.out(created(deployed.topicsCreated));
    io.out(`Indexes of database ${deployed.database} in place.`);
    for (const mismatch of deployed.mismatches) io.note(mismatch);
  }
  if (deployed.mismatches.length > 0) {
    throw new CliError(
      `${deployed.mismatches.length} settings of existing topics differ; nothing of them was changed.`,
    );
  }
}

function created(topics: readonly string[]): string {
  return topics.length === 0 ? 'All topics were there.' : `Topics created: ${topics.join(', ')}.`;
}
