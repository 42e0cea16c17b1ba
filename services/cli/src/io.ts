/** Where a verb reads from and writes to. Verbs get it handed in, so that tests can look. */
export interface Io {
  readonly env: NodeJS.ProcessEnv;
  /** A line (or lines) of the answer, on stdout. */
  readonly out: (text: string) => void;
  /** A remark beside the answer, on stderr. */
  readonly note: (text: string) => void;
  readonly isTty: boolean;
  readonly readStdin: () => Promise<string>;
}

/** The process's own streams. */
export function processIo(): Io {
  return {
    env: process.env,
    out: (text) => void process.stdout.write(`${text}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
    isTty: process.stdout.isTTY === true,
    readStdin: async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString('utf8');
    },
  };
}

/** The answer as JSON, for programs. */
export function printJson(io: Io, value: unknown): void {
  io.out(JSON.stringify(value, undefined, 2));
}
