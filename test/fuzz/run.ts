/**
 * A run: request upon request at the doors of one system, several at a time, each answer judged as it comes. The first that is not as it may be ends
 * the run: fast-check looks for a smaller plan that still shows it, and its bytes are kept in a file.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { type Canaries, findCanaries } from '../canaries.js';
import { doorOf, type Judged, judge, sources } from './answers.js';
import type { Networks } from './envelopes.js';
import type { DoorKind } from './operations.js';
import { type Plan, plans, type Wire, wireOf } from './request.js';
import { createSecrets } from './secrets.js';
import { type Client, createClient, type WireAnswer } from './wire.js';

export interface RunOptions {
  /** Base URL of ingest. */
  readonly url: string;
  readonly networks: Networks;
  readonly canaries: Canaries;
  readonly requests: number;
  readonly seed: number;
  /** Requests under way at a time. */
  readonly width: number;
  /** Plans again from where fast-check was: one worker alone. */
  readonly path?: string;
  readonly only?: readonly string[];
  /** Where a failing request is kept. */
  readonly folder: string;
  readonly deadlineMs?: number;
  readonly onProgress?: (sent: number) => void;
}

export interface Tally {
  /** Operation → column → answers. */
  readonly answers: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly sent: number;
  /** By source: messages that were acknowledged. */
  readonly taken: ReadonlyMap<string, number>;
  /** Refusals that promise a dead letter. */
  readonly putAside: number;
  /** Answers that asked to come again later, each followed by the same request. */
  readonly later: number;
  readonly slowestMs: number;
}

/** What was wrong, the plan that shows it, and how to see it again. */
export class FuzzFailed extends Error {
  override readonly name = 'FuzzFailed';
}

const mostTries = 5;
/** Short enough that tokens hear of more than one thing. */
const messagesPerToken = 15;

/** Resolves when every request was answered as it may be; throws FuzzFailed at the first that was not. */
export async function fuzz(options: RunOptions): Promise<Tally> {
  const { url, requests, seed, width, only, path } = options;
  const client = createClient(url, options.deadlineMs ?? 15_000);
  const tally = createTally();
  const secrets = createSecrets(options.canaries);
  const tokens = Math.max(20, Math.ceil(requests / messagesPerToken));
  const stop = new AbortController();

  const attempt = async (plan: Plan): Promise<void> => {
    const wire = await wireOf(plan, Date.now(), { networks: options.networks, secrets });
    const answer = await answered(client, wire, tally).catch((error: Error) => error);
    const faults =
      answer instanceof Error ? [`did not come (${answer.message})`] : faultsOf(plan, wire, answer, tally, options);
    if (tally.sent % 250 === 0) options.onProgress?.(tally.sent);
    if (faults.length === 0) return;
    const file = keep(options.folder, plan, wire, answer, faults);
    throw new Error(`${plan.operation}: the answer ${faults.join(', and ')}. The request is kept in ${file}`);
  };

  const worker = async (n: number): Promise<void> => {
    const property = fc.asyncProperty(plans(tokens, only), (plan) =>
      stop.signal.aborted ? Promise.resolve() : attempt(plan),
    );
    const numRuns = Math.floor((requests + n) / width);
    if (numRuns === 0) return;
    const details = await fc.check(property, { numRuns, seed: seed + n, ...(path !== undefined && { path }) });
    if (!details.failed) return;
    stop.abort();
    const error =
      details.errorInstance instanceof Error ? details.errorInstance.message : String(details.errorInstance);
    const filter = only === undefined ? '' : ` --only '${only.join(',')}'`;
    const again = `npm run fuzz -- --requests ${requests} --seed ${details.seed} --width 1${filter} --path ${details.counterexamplePath}`;
    throw new FuzzFailed(`${error}\nSmallest plan: ${fc.stringify(details.counterexample?.[0])}\nAgain: ${again}`);
  };
  try {
    await Promise.all(Array.from({ length: path === undefined ? width : 1 }, (_, n) => worker(n)));
    return tally;
  } finally {
    client.close();
  }
}

/** The answer, asked for again while a door says that it can take nothing now. */
async function answered(client: Client, wire: Wire, tally: { later: number }): Promise<WireAnswer> {
  for (let n = 1; ; n++) {
    const answer = await client.send(wire);
    const wait = Number(answer.headers['retry-after']);
    if (answer.status !== 503 || !(wait > 0) || n === mostTries) return answer;
    tally.later += 1;
    await delay(wait * 1_000);
  }
}

function faultsOf(
  plan: Plan,
  wire: Wire,
  answer: WireAnswer,
  tally: MutableTally,
  { canaries }: RunOptions,
): readonly string[] {
  const door = doorOf(wire.path);
  const judged = judge(door, answer);
  count(tally, plan.operation, door, judged, answer.ms);
  // MDES' own id of the request comes back, whatever it is.
  const seen = answer.text.replace(/"responseId":"[^"]*"/, '');
  const finds = findCanaries('the answer', `${JSON.stringify(answer.headers)}\n${seen}`, canaries.all);
  return [...judged.faults, ...finds.map(({ from }) => `shows ${from}`)];
}

type MutableTally = ReturnType<typeof createTally>;

function createTally() {
  return {
    answers: new Map<string, Map<string, number>>(),
    sent: 0,
    taken: new Map(Object.values(sources).map((source) => [source, 0])),
    putAside: 0,
    later: 0,
    slowestMs: 0,
  };
}

function count(tally: MutableTally, operation: string, door: DoorKind | undefined, judged: Judged, ms: number): void {
  tally.sent += 1;
  const row = tally.answers.get(operation) ?? new Map<string, number>();
  tally.answers.set(operation, row.set(judged.column, (row.get(judged.column) ?? 0) + 1));
  if (door !== undefined && door !== 'cardholders') {
    tally.taken.set(sources[door], (tally.taken.get(sources[door]) ?? 0) + judged.taken);
  }
  if (judged.putAside) tally.putAside += 1;
  tally.slowestMs = Math.max(tally.slowestMs, ms);
}

/** Test data all of it: secrets in it are canaries. */
function keep(folder: string, plan: Plan, wire: Wire, answer: WireAnswer | Error, faults: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${plan.operation.replaceAll(' ', '-')}.json`);
  const { method, path, headers, body } = wire;
  const request = { method, path, headers, body: body.toString('utf8'), base64: body.toString('base64') };
  const said = answer instanceof Error ? answer.message : answer;
  writeFileSync(file, `${JSON.stringify({ faults, plan, request, answer: said }, undefined, 2)}\n`);
  return file;
}
