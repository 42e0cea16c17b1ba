import { collectionName, type Generation, type ProjectionName, projectionNames, projections } from '@tokenline/store';
import { formatReport, type Report } from '@tokenline/verification';
import { CliError } from '../errors.js';
import { type Io, printJson } from '../io.js';
import { compareWithLog } from '../projections/compare.js';
import { missingOf, progressOf } from '../projections/lag.js';
import { rebuild } from '../projections/rebuild.js';
import { type Servers, withServers } from '../servers.js';
import { shortTime, table } from '../table.js';
import { counted } from '../words.js';

const clientId = 'projections';

/** Further behind than this many places the lag is told by places passed, not by counting records. */
const countedUpTo = 20_000;

interface Listed {
  readonly name: ProjectionName;
  readonly topic: string;
  readonly live: ListedGeneration;
  readonly building?: ListedGeneration & { readonly done: number; readonly total: number; readonly driver: string };
  readonly previous?: ListedGeneration;
  /** The shape this release writes is another: rebuild. */
  readonly outdated: boolean;
}

interface ListedGeneration {
  readonly generation: number;
  readonly version: number;
  readonly since: string;
  readonly collections: Readonly<Record<string, number>>;
  /** Records not applied; of a previous generation, which is fed no more, left out. */
  readonly lag?: number;
}

/** Prints each projection with its generations: what they hold, how far behind they are, and a build with its progress. */
export async function listProjections(io: Io, json: boolean): Promise<void> {
  const listed = await withServers(io, clientId, (servers) =>
    Promise.all(projectionNames.map((name) => listOne(servers, name))),
  );
  if (json) return printJson(io, { projections: listed });
  const rows = listed.flatMap((one) => [
    rowOf(one, one.live, one.outdated ? 'live, of an older shape: rebuild' : 'live'),
    ...(one.building === undefined
      ? []
      : [
          rowOf(
            one,
            one.building,
            `under construction, ${one.building.done} of ${one.building.total} places passed (${one.building.driver})`,
          ),
        ]),
    ...(one.previous === undefined ? [] : [rowOf(one, one.previous, 'previous, kept until the next rebuild')]),
  ]);
  io.out(table(['projection', 'generation', 'version', 'since (UTC)', 'documents', 'lag', 'state'], rows));
}

function rowOf({ name }: Listed, { generation, version, since, collections, lag }: ListedGeneration, state: string) {
  const documents = Object.entries(collections)
    .map(([collection, count]) => `${collection} ${count}`)
    .join(', ');
  return [name, generation, version, shortTime(since), documents, lag, state];
}

async function listOne(servers: Servers, name: ProjectionName): Promise<Listed> {
  const { live, building, previous } = await servers.registry.read(name);
  const { topic, version } = projections[name];
  return {
    name,
    topic,
    live: await listGeneration(servers, name, live, true),
    ...(building && {
      building: {
        ...(await listGeneration(servers, name, building, true)),
        ...(await progressOf(servers.log, name, building)),
        driver:
          building.driver.until.getTime() > Date.now()
            ? `driven by ${building.driver.who}`
            : 'driven by nobody: rebuild goes on with it',
      },
    }),
    ...(previous && { previous: await listGeneration(servers, name, previous, false) }),
    outdated: live.version !== version,
  };
}

async function listGeneration(
  { log, store }: Servers,
  name: ProjectionName,
  generation: Generation,
  fed: boolean,
): Promise<ListedGeneration> {
  const { number, version, since, group } = generation;
  const counts: Record<string, number> = {};
  for (const base of projections[name].collections) {
    const collection = collectionName(base, number);
    counts[collection] = await store.db.collection(collection).estimatedDocumentCount();
  }
  const { done, total } = await progressOf(log, name, generation);
  const lag =
    total - done > countedUpTo ? total - done : (await missingOf(log, projections[name].topic, group)).records;
  return { generation: number, version, since: since.toISOString(), collections: counts, ...(fed && { lag }) };
}

export interface RebuildArguments {
  readonly previous: boolean;
  /** Longest to wait without any progress, in seconds. */
  readonly wait: number;
  readonly json: boolean;
}

/**
 * Builds a new generation of a projection beside the live one and swaps it in, or brings the previous one back.
 * Throws CliError when it differs from the log (the live one stays), when another rebuild is under way, and when it cannot go on.
 */
export async function rebuildProjection(
  io: Io,
  text: string,
  { previous, wait, json }: RebuildArguments,
): Promise<void> {
  const name = nameOf(text);
  const rebuilt = await withServers(io, clientId, (servers) =>
    rebuild(servers, name, { from: previous ? 'previous' : 'nothing', patienceMs: wait * 1_000, say: io.note }),
  );
  const { generation, report } = rebuilt;
  if (json) printJson(io, { projection: name, swapped: rebuilt.ok, generation, verdicts: report.verdicts });
  if (!rebuilt.ok) {
    if (!json) io.out(formatReport(report));
    throw new CliError(
      `Generation ${generation} of ${name} differs from the log (${broken(report)}): it was removed, the live one stays.`,
    );
  }
  if (!json) io.out(`Generation ${generation} of ${name} is live. The one before is kept until the next rebuild.`);
}

export interface VerifyArguments {
  /** The generation under construction instead of the live one. */
  readonly building: boolean;
  readonly wait: number;
  readonly json: boolean;
}

/** Compares one projection, or each, with the log. Throws CliError when one differs. */
export async function verifyProjections(io: Io, text: string | undefined, given: VerifyArguments): Promise<void> {
  const names = text === undefined ? projectionNames : [nameOf(text)];
  const compared = await withServers(io, clientId, async (servers) => {
    const all: { projection: ProjectionName; generation: number; report: Report }[] = [];
    for (const name of names) {
      const { live, building } = await servers.registry.read(name);
      const generation = given.building ? building : live;
      if (generation === undefined) continue;
      const options = { waitMs: given.wait * 1_000, onProgress: io.note };
      all.push({
        projection: name,
        generation: generation.number,
        report: await compareWithLog(servers, name, generation, options),
      });
    }
    return all;
  });
  if (compared.length === 0) throw new CliError('Nothing is under construction.');
  if (given.json) printJson(io, { projections: compared });
  else {
    for (const { projection, generation, report } of compared)
      io.out(`${projection}, generation ${generation}\n${formatReport(report)}\n`);
  }
  const wrong = compared.filter(({ report }) => !report.ok);
  if (wrong.length > 0) {
    throw new CliError(wrong.map(({ projection, report }) => `${projection} differs: ${broken(report)}.`).join(' '));
  }
}

function broken({ verdicts }: Report): string {
  return verdicts
    .filter(({ outcome }) => outcome === 'broken')
    .map(({ code, failed }) => `${code} ${counted(failed, 'time')}`)
    .join(', ');
}

function nameOf(text: string): ProjectionName {
  const name = projectionNames.find((each) => each === text);
  if (name === undefined) throw new CliError(`'${text}' is no projection: there are ${projectionNames.join(' and ')}.`);
  return name;
}
