import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CacheState,
  cacheFolder,
  checkPackage,
  packageFolder,
  partialPrefix,
  publishPackage,
  removePartials,
} from './cache.js';
import { type FetchContext, fetchPackage } from './fetch-package.js';
import { type FileLock, removeStaleLock, tryLock } from './file-lock.js';
import { loadPackages, nameOf, type Packages } from './packages.js';
import type { StackPart } from './parts.js';
import { type Report, seconds, whileReporting } from './progress.js';
import { waitUntil } from './wait.js';

export interface EnsureContext extends FetchContext {
  readonly report: Report;
  readonly signal?: AbortSignal | undefined;
  /** The checked-in pins when left out. */
  readonly packages?: Packages;
}

const longestFetchMs = 30 * 60_000;

/** The folders of these packages, fetched now if this user never had them. */
export async function ensurePackages(
  parts: readonly StackPart[],
  context: EnsureContext,
): Promise<Partial<Record<StackPart, string>>> {
  const packages = context.packages ?? loadPackages();
  const cache = cacheFolder(context.env);
  const folderOf = (part: StackPart) => packageFolder(cache, part, packages[part]);
  const areComplete = async () => (await missingParts()).length === 0;
  const missingParts = async () => {
    const states = await Promise.all(parts.map((part) => checkPackage(folderOf(part))));
    return parts.filter((_part, index) => states[index]?.state !== 'complete');
  };

  if (!(await areComplete())) {
    await mkdir(cache, { recursive: true });
    const lock = await lockCache(cache, context);
    try {
      await removePartials(cache);
      await fetchMissing(await missingParts());
    } finally {
      await lock.release();
    }
  }
  return Object.fromEntries(parts.map((part) => [part, folderOf(part)]));

  /** Maven doesn't share its local repository well between runs, so its packages come one after the other. */
  async function fetchMissing(missing: readonly StackPart[]): Promise<void> {
    const fetchAllOf = async (from: string) => {
      for (const part of missing.filter((candidate) => packages[candidate].from === from)) await fetchOne(part);
    };
    const outcomes = await Promise.allSettled([fetchAllOf('Maven Central'), fetchAllOf('PyPI')]);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async function fetchOne(part: StackPart): Promise<void> {
    const pins = packages[part];
    const folder = folderOf(part);
    const startedAt = performance.now();
    const damage = describeDamage(await checkPackage(folder));
    if (damage !== undefined) context.report(`${nameOf(pins)} in the cache is damaged (${damage})`);
    context.report(`Fetching ${nameOf(pins)} from ${pins.from} (${pins.megabytes} MB) …`);
    const partial = await mkdtemp(join(cache, `${partialPrefix}${part}-`));
    try {
      await whileReporting(
        context.report,
        () => `fetching ${nameOf(pins)}`,
        () => fetchPackage(part, pins, partial, context),
      );
      await publishPackage(partial, folder);
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
    context.report(`${nameOf(pins)} fetched and verified in ${seconds(performance.now() - startedAt)}`);
  }
}

/** One fetch at a time per cache: the second waits for the first and then finds everything there. */
async function lockCache(cache: string, { report, signal }: EnsureContext): Promise<FileLock> {
  const file = join(cache, 'fetch.lock');
  let lock: FileLock | undefined;
  const attempt = async () => {
    const outcome = await tryLock(file);
    if (outcome.taken) lock = outcome.lock;
    else if (!outcome.alive) await removeStaleLock(file, outcome.holder);
    return lock !== undefined;
  };
  await whileReporting(
    report,
    () => 'waiting for another Tokenline that is fetching the same servers',
    () => waitUntil(attempt, { deadlineMs: longestFetchMs, everyMs: 200, signal }),
  );
  if (lock === undefined) throw new Error(`${file} has been held for half an hour`);
  return lock;
}

function describeDamage(state: CacheState): string | undefined {
  if (state.state !== 'damaged') return undefined;
  const was = state.actual === 'missing' ? 'is missing' : `has SHA-256 ${state.actual} instead of ${state.expected}`;
  return `${state.file} ${was}`;
}
