import { openDoor } from '../door.js';
import { CliError } from '../errors.js';
import { readInput } from '../input.js';
import { type Io, printJson } from '../io.js';
import { messagesOf } from '../messages.js';
import { publishAll } from '../publisher.js';
import { type Source, sources } from '../sources.js';
import { createTicker } from '../ticker.js';

export interface PublishArguments {
  readonly source: string;
  /** Messages a second. */
  readonly rate?: number;
  readonly json: boolean;
}

/** Sends the messages of a file through the ingest door, each with its text untouched. Throws CliError when any was refused. */
export async function publish(io: Io, file: string, { source, rate, json }: PublishArguments): Promise<void> {
  if (!isSource(source)) throw new CliError(`'${source}' is no source: use one of ${Object.keys(sources).join(', ')}.`);
  const messages = messagesOf(await readInput(io, file));
  const ticker = createTicker(io.note, (done) => `${done} of ${messages.length} sent`);
  try {
    const result = await publishAll(openDoor('ingest', io.env), messages, {
      source,
      ...(rate !== undefined && { rate }),
      onProgress: ticker.tick,
    });
    if (json) printJson(io, result);
    else {
      for (const { message, why } of result.refused) io.out(`Message ${message}: the ingest door ${why}.`);
      io.out(`${result.acknowledged} of ${messages.length} acknowledged.`);
    }
    if (result.refused.length > 0)
      throw new CliError(`${result.refused.length} of ${messages.length} messages were refused.`);
  } finally {
    ticker.stop();
  }
}

function isSource(text: string): text is Source {
  return Object.hasOwn(sources, text);
}
