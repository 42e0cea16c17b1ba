/** Process: posts EHI messages. Told `Post`, it builds them and answers `Built`; told `Go`, it posts and answers `Sent` for those sampled, then `Posted`. */
import { tellParent } from './child.js';
import { type LoadResult, load } from './http-load.js';
import { type BenchMessage, benchMessages } from './messages.js';

export interface Post {
  readonly post: {
    readonly port: number;
    readonly connections: number;
    readonly firstToken: number;
    readonly tokens: number;
    /** Messages a second; as fast as they are answered when left out. */
    readonly rate?: number;
    /** Tells of the first and the last message of each such token (number divisible by it); of none when left out. */
    readonly sampleEvery?: number;
  };
}
export interface Go {
  readonly go: true;
}
export type PosterSays =
  | { readonly built: number }
  /** `due` in ms of clock.ts. */
  | { readonly sent: { readonly token: number; readonly last: boolean; readonly due: number } }
  | { readonly posted: LoadResult };

/** Beyond this many, messages are built while posting. */
const builtAtOnce = 100_000;
/** How long before they are built the messages are said to have happened: what a flow spans is past by then. */
const agoMs = 300_000;

let run: (() => Promise<LoadResult>) | undefined;
process.on('message', (message: Post | Go) => {
  if ('post' in message) run = prepare(message.post);
  else void run?.().then((posted) => tellParent({ posted }), fail);
});
process.on('disconnect', () => process.exit());

function prepare({ port, connections, firstToken, tokens, rate, sampleEvery }: Post['post']) {
  const lazily = benchMessages(firstToken, tokens, () => Date.now() - agoMs);
  const messages: Iterable<BenchMessage> = tokens * 4 > builtAtOnce ? lazily : [...lazily];
  tellParent({ built: tokens });
  let current: BenchMessage | undefined;
  const bodies = function* () {
    for (const one of messages) {
      current = one;
      yield one.text;
    }
  };
  const onSent = (_n: number, due: number): void => {
    const one = current as BenchMessage;
    if (sampleEvery === undefined || one.token % sampleEvery !== 0 || !(one.step === 0 || one.last)) return;
    tellParent({ sent: { token: one.token, last: one.last, due } });
  };
  const path = '/v1/inbound/thredd/ehi';
  return () => load({ port, path, connections, bodies: bodies(), onSent, ...(rate !== undefined && { rate }) });
}

function fail(error: unknown): void {
  process.stderr.write(`${(error as Error).stack ?? String(error)}\n`);
  process.exit(1);
}
