/**
 * Tries whose answer was lost: the message may have been taken, and nobody here can know.
 *
 * Where the far side looks at the idempotency key, the same key at the same channel is a question as much as a message: its answer tells which it
 * was. So the next try goes there, and only after it to another channel, that a notice taken once may not reach the cardholder twice. One such
 * question is asked: a channel that stays silent must not use up the time another one has.
 *
 * SMTP has no such key. There a repeat is a second mail, and nothing is gained by asking.
 */
/** An attempt, as far as it matters here. */
export interface Tried {
  readonly channel: string;
  readonly outcome: string;
  readonly reason?: string | undefined;
}

const keyless: ReadonlySet<string> = new Set(['smtp']);

/** Reasons (of services/notifier/src/channels) after which the far side may have the message: silence, broken connections, a gateway's own failure. */
const mayHaveBeenTaken: ReadonlySet<string | undefined> = new Set([
  'timeout',
  'connection-failed',
  'econnreset',
  'epipe',
  'und_err_socket',
  'und_err_headers_timeout',
  'und_err_body_timeout',
  'http-502',
  'http-504',
]);

/** Whether the answer to this try was lost on a channel that can tell when it is asked again. */
export function answerLost({ channel, outcome, reason }: Tried): boolean {
  return outcome === 'FAILED' && !keyless.has(channel) && mayHaveBeenTaken.has(reason);
}

/** Whether the channel of the last of these tries is to be asked, once, what became of it. `tried` is in order. */
export function isToBeAsked(tried: readonly Tried[]): boolean {
  const [before, last] = [tried.at(-2), tried.at(-1)];
  if (last === undefined || !answerLost(last)) return false;
  return before === undefined || before.channel !== last.channel || !answerLost(before);
}
