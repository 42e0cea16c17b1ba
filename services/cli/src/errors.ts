/** What a person can put right: one clear sentence, on stderr, exit code 1. Anything else that is thrown is a bug and shows its stack. */
export class CliError extends Error {
  override readonly name = 'CliError';
}

/** The causes of a failed connection, as Node names them; undefined when the error is something else. */
export function connectionFailure(error: unknown): string | undefined {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ECONNREFUSED') return 'nothing listens there';
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the host name is not known';
    if (cause.message === 'bad port') return 'HTTP clients refuse to use this port';
    if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') return 'the connection broke off';
    if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT' || cause.name === 'TimeoutError')
      return 'no answer in time';
  }
  return undefined;
}
