/** `npm run release -w schemas`: makes the contracts as they stand the next version of each record that changed, or refuses. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import avro from 'avsc';
import { incompatibilities } from './compatibility.js';
import { type AvroObject, type Contracts, expand, loadContracts, schemasRoot } from './load.js';
import { sampleValue } from './sample.js';
import { releasedVersions, type Version, versionPath } from './versions.js';

/** A contract changed in a way that some version in the log, or some reader of it, could not live with. */
export class IncompatibleChange extends Error {
  override readonly name = 'IncompatibleChange';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`Incompatible with what is released:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

export interface NewVersion {
  readonly topic: string;
  readonly record: string;
  readonly number: number;
  readonly schema: AvroObject;
}

/**
 * The versions `contracts` need beyond those released.
 * Throws IncompatibleChange, with every problem, when a record cannot be read by or cannot read any earlier version of it, moved to another topic, or is gone.
 */
export function newVersions(
  contracts: Contracts,
  released: ReadonlyMap<string, readonly Version[]>,
): readonly NewVersion[] {
  const problems: string[] = [];
  const made: NewVersion[] = [];
  for (const { topic, fullName: record, schema } of contracts.records) {
    const now = expand(schema, contracts.named);
    const versions = released.get(record) ?? [];
    const newest = versions.at(-1);
    if (newest !== undefined && newest.topic !== topic)
      problems.push(`${record}: it moved from ${newest.topic} to ${topic}.`);
    if (newest !== undefined && JSON.stringify(newest.schema) === JSON.stringify(now)) continue;
    for (const version of versions) {
      problems.push(
        ...incompatibilities(now, version.schema).map((problem) => `(version ${version.number}) ${problem}`),
      );
    }
    made.push({ topic, record, number: versions.length + 1, schema: now });
  }
  for (const record of released.keys()) {
    if (!contracts.records.some((r) => r.fullName === record))
      problems.push(`${record}: it is gone, and logs still hold it.`);
  }
  if (problems.length > 0) throw new IncompatibleChange(problems);
  return made;
}

/** Writes what `newVersions` gives and returns the paths written. Throws IncompatibleChange, having written nothing. */
export function releaseVersions(root: string = schemasRoot): readonly string[] {
  const written: string[] = [];
  for (const { topic, number, schema } of newVersions(loadContracts(root), releasedVersions(root))) {
    const name = schema.name as string;
    const golden = avro.Type.forSchema(schema as avro.Schema).toBuffer(sampleValue(schema));
    const files = [
      [versionPath(topic, name, number, 'avsc'), `${JSON.stringify(schema, null, 2)}\n`],
      [versionPath(topic, name, number, 'golden.b64'), `${golden.toString('base64')}\n`],
    ] as const;
    for (const [path, text] of files) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
      written.push(path);
    }
  }
  for (const path of written) console.log(`wrote schemas/${path}`);
  return written;
}
