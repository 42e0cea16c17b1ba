/**
 * Verification: one look at everything, again while something is behind and there is time.
 *
 *   looking ── nothing behind ──▶ judged
 *      │  ▲
 *      │  └── half a second ── behind, and it comes nearer, or there is time left
 *      └── behind, come no nearer for too long ──▶ judged, CAUGHT_UP broken
 *
 * A look reads the log from upstream to downstream, then MongoDB, then the log on to its end. When that last reading finds nothing new, the system
 * is at rest and everything is judged; else what was there when verification began is, and tokens that moved meanwhile are compared the less.
 * Nothing is written but the consumer groups that reading the log takes, and those are removed.
 */
import type { Codec, TopicName } from '@tokenline/contracts';
import { builtinRules, type NoticeRules } from '@tokenline/domain';
import { type DocumentsFound, type ReadCollections, readDocuments } from './documents.js';
import { type InvariantCode, invariantCodes, readModelInvariants } from './invariants.js';
import { createLook, type Frontier, type JudgedLook, type Stage, stages } from './judge/look.js';
import { createNames, judgeIndex, judgeSplits } from './judge/names.js';
import { judgeNotices } from './judge/notices.js';
import { judgeReadModels } from './judge/read-models.js';
import { judgeInbound, judgeReadable, judgeTraces } from './judge/records.js';
import { judgeTokens } from './judge/tokens.js';
import { afterDocuments, beforeDocuments, createReading, type ReadableLog } from './log/read.js';
import { createView, type View } from './log/view.js';
import { createTallies, type Report, reportOf } from './report.js';

export interface VerifyParts {
  readonly log: ReadableLog;
  readonly codec: Codec;
  /** Left out when MongoDB cannot be reached: then the log alone is judged. */
  readonly collections?: ReadCollections | undefined;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export interface VerifyOptions {
  /** Most milliseconds to wait for stages that are behind while they come no nearer; 10,000 by default. */
  readonly waitMs?: number;
  /** Verdicts wanted; all by default. When all of them are `readModelInvariants`, no more is read than these need. */
  readonly only?: readonly InvariantCode[];
  /** Most offenders to name for each invariant; 5 by default. */
  readonly offenders?: number;
  /** Consumer groups that stand in for the usual ones: a projection under construction has its own. */
  readonly groups?: Partial<Record<Stage, string>>;
  /** The notice policy in force; the one built in by default. */
  readonly noticeRules?: NoticeRules | undefined;
  /** Told how reading goes on, in lines for a person. */
  readonly onProgress?: (line: string) => void;
}

export const withoutDocuments = 'not checked (MongoDB not reachable)';

const pauseMs = 500;

/**
 * Checks every invariant. Throws when the log, the registry or a MongoDB that was given stops answering.
 * Memory: some kilobytes for each token.
 */
export async function verify(parts: VerifyParts, options: VerifyOptions = {}): Promise<Report> {
  const { log, codec, collections, now } = parts;
  const { waitMs = 10_000, only = invariantCodes, offenders = 5, noticeRules = builtinRules, onProgress } = options;
  const startedAt = now();
  const streamed = createTallies(offenders);
  const view = createView(codec, streamed);
  const reading = createReading({ log, codec, view, startedAt, onProgress });
  const scope = scopeOf(only);
  let nearest = { behind: Number.POSITIVE_INFINITY, at: startedAt };
  let began: ReadonlyMap<TopicName, ReadonlyMap<number, number>> | undefined;
  for (let number = 1; ; number++) {
    const tallies = createTallies(offenders, streamed);
    const committed = await readCommitted(log, options.groups);
    view.reading += 1;
    await reading.on(scope.before);
    began ??= new Map(reading.ends());
    const lookedAt = view.reading;
    const documents = collections && (await readDocuments(collections, view, number, tallies, scope.readModelsOnly));
    await reading.on(scope.after);
    view.reading += 1;
    const atRest = (await reading.on([...scope.before, ...scope.after])) === 0;
    const look = createLook({ view, tallies, number, reading: lookedAt, atRest, startedAt, committed, began });
    if (!scope.readModelsOnly) await judge(look, documents, noticeRules);
    else if (documents !== undefined) judgeReadModels(look, documents);
    look.judgeLag(followed(view));
    const behind = look.behind();
    const at = now();
    if (behind < nearest.behind) nearest = { behind, at };
    if (behind === 0 || at >= nearest.at + waitMs) {
      const verdicts = tallies.verdicts(only, collections === undefined ? withoutDocuments : undefined);
      return reportOf(verdicts, !atRest, { ...reading.counts(), ...documents?.counts });
    }
    onProgress?.(`${behind} records are behind; looking again`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

async function judge(look: JudgedLook, documents: DocumentsFound | undefined, rules: NoticeRules): Promise<void> {
  const names = createNames();
  judgeReadable(look);
  judgeInbound(look);
  judgeTraces(look);
  await judgeTokens(look, names);
  await judgeSplits(look, names);
  if (documents !== undefined) {
    judgeReadModels(look, documents);
    judgeNotices(look, documents, rules);
    judgeIndex(look, names, documents.index);
  }
}

interface Scope {
  readonly readModelsOnly: boolean;
  /** Topics to read before the documents, and after them. */
  readonly before: readonly TopicName[];
  readonly after: readonly TopicName[];
}

function scopeOf(only: readonly InvariantCode[]): Scope {
  const readModelsOnly = only.every((code) => (readModelInvariants as readonly string[]).includes(code));
  return readModelsOnly
    ? { readModelsOnly, before: ['token.lifecycle', 'token.dead-letters'], after: [] }
    : { readModelsOnly, before: beforeDocuments, after: afterDocuments };
}

function followed(view: View): number {
  return view.inbound.count() + view.events.size + view.letters.all.size;
}

/** How far each stage says it has come. Read before everything else: what it says it has handled must show in what is read later. */
async function readCommitted(log: ReadableLog, groups: VerifyOptions['groups']): Promise<ReadonlyMap<Stage, Frontier>> {
  const committed = new Map<Stage, Frontier>();
  for (const stage of Object.keys(stages) as Stage[]) {
    const { group, topic } = stages[stage];
    committed.set(stage, await log.committed(groups?.[stage] ?? group, topic));
  }
  return committed;
}
