/** Entry of the `tokenline` command. */
import { CliError, connectionFailure } from './errors.js';
import { createProgram } from './program.js';

// A reader that has seen enough (`| head`) closes the pipe; that is no fault of ours.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

try {
  await createProgram().parseAsync();
} catch (error) {
  process.stderr.write(`tokenline: ${explained(error)}\n`);
  process.exitCode = 1;
}

/** One sentence for what a person can put right; the stack for what is a bug. Told by name, so that no library is loaded for its error's sake. */
function explained(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof CliError || ['LocalStackError', 'LogUnavailable'].includes(error.name)) return error.message;
  const why = connectionFailure(error);
  if (why !== undefined || /^(KafkaJS|Mongo)/.test(error.name)) {
    return `A server cannot be used: ${why ?? error.message}.`;
  }
  return error.stack ?? error.message;
}
