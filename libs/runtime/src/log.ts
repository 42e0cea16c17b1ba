/** Structured logs: one JSON object a line on standard output, scrubbed. */
import { type Logger, pino } from 'pino';
import { scrub } from './scrub.js';

export type { Logger } from 'pino';

/** A logger named after its service. Times are ISO 8601 UTC. */
export function createLogger(name: string, level: string): Logger {
  return pino(
    {
      name,
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => void process.stdout.write(scrub(line)) },
  );
}
