/**
 * Versions of the contracts that have been released, as files beside the contract:
 *   <topic>/versions/<Record>.v<n>.avsc         the expanded schema
 *   <topic>/versions/<Record>.v<n>.golden.b64   a value as plain Avro of that version, base64: stands for what lies in logs
 * Files of a version never change; a change of the contract makes the next version (release.ts).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AvroObject, fullName, schemasRoot } from './load.js';

export interface Version {
  readonly topic: string;
  readonly record: string;
  /** From 1, without gaps. */
  readonly number: number;
  readonly schema: AvroObject;
  /** Plain Avro, without wire header. */
  readonly golden: Buffer;
}

const fileName = /^(\w+)\.v(\d+)\.avsc$/;

/** Path of a version's file below the schemas folder. */
export function versionPath(topic: string, name: string, number: number, ending: 'avsc' | 'golden.b64'): string {
  return join(topic, 'versions', `${name}.v${number}.${ending}`);
}

/** Every version of every record by full name, oldest first. Throws when one is missing between two, or lacks its golden binary. */
export function releasedVersions(root: string = schemasRoot): ReadonlyMap<string, readonly Version[]> {
  const found: Version[] = [];
  for (const folder of readdirSync(root, { withFileTypes: true })) {
    const versions = join(root, folder.name, 'versions');
    if (!folder.isDirectory() || !existsSync(versions)) continue;
    for (const file of readdirSync(versions)) {
      const [, name, number] = fileName.exec(file) ?? [];
      if (name !== undefined) found.push(read(root, folder.name, name, Number(number)));
    }
  }
  const byRecord = new Map<string, Version[]>();
  for (const version of found.sort((a, b) => a.number - b.number)) {
    const list = byRecord.get(version.record) ?? [];
    if (version.number !== list.length + 1)
      throw new Error(`${version.record} has version ${version.number} and no version ${list.length + 1}.`);
    byRecord.set(version.record, [...list, version]);
  }
  return byRecord;
}

function read(root: string, topic: string, name: string, number: number): Version {
  const schema = JSON.parse(readFileSync(join(root, versionPath(topic, name, number, 'avsc')), 'utf8')) as AvroObject;
  const golden = Buffer.from(
    readFileSync(join(root, versionPath(topic, name, number, 'golden.b64')), 'utf8'),
    'base64',
  );
  return { topic, record: fullName(schema), number, schema, golden };
}
