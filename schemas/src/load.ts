/**
 * Reads the Avro contracts in this folder: one folder per topic, one file per record, types several records use in shared/.
 * A file names the types it uses; `expand` writes each of them out where it first stands, which is the form a registry stores.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const schemasRoot = fileURLToPath(new URL('..', import.meta.url));

export const retentionClasses = ['core', 'wallet-signal', 'contact', 'secret'] as const;

export type AvroType = string | AvroType[] | AvroObject;

export interface AvroField {
  readonly name: string;
  readonly type: AvroType;
  readonly doc?: string;
  readonly retention?: string;
  readonly default?: unknown;
}

export interface AvroObject {
  readonly type: string | AvroObject;
  readonly namespace?: string;
  readonly name?: string;
  readonly doc?: string;
  readonly symbols?: readonly string[];
  readonly default?: unknown;
  readonly fields?: readonly AvroField[];
  readonly items?: AvroType;
  readonly values?: AvroType;
  readonly logicalType?: string;
}

export interface TopicRecord {
  readonly topic: string;
  readonly fullName: string;
  readonly schema: AvroObject;
}

export interface Contracts {
  /** Every named type, by full name. */
  readonly named: ReadonlyMap<string, AvroObject>;
  /** The records that travel on topics, in topic order. */
  readonly records: readonly TopicRecord[];
}

export function fullName(schema: AvroObject): string {
  return `${schema.namespace}.${schema.name}`;
}

/** Loads every contract below `root`. Throws when two files define one name. */
export function loadContracts(root: string = schemasRoot): Contracts {
  const named = new Map<string, AvroObject>();
  const records: TopicRecord[] = [];
  for (const folder of readdirSync(root, { withFileTypes: true })) {
    if (!folder.isDirectory()) continue;
    for (const file of readdirSync(join(root, folder.name)).sort()) {
      if (!file.endsWith('.avsc')) continue;
      const schema = JSON.parse(readFileSync(join(root, folder.name, file), 'utf8')) as AvroObject;
      collectNamed(schema, named);
      if (folder.name !== 'shared') records.push({ topic: folder.name, fullName: fullName(schema), schema });
    }
  }
  records.sort((a, b) => a.topic.localeCompare(b.topic) || a.fullName.localeCompare(b.fullName));
  return { named, records };
}

function collectNamed(type: AvroType, named: Map<string, AvroObject>): void {
  if (typeof type === 'string') return;
  if (Array.isArray(type)) {
    for (const branch of type) collectNamed(branch, named);
    return;
  }
  if (type.name !== undefined) {
    const name = fullName(type);
    if (named.has(name)) throw new Error(`${name} is defined twice.`);
    named.set(name, type);
  }
  for (const field of type.fields ?? []) collectNamed(field.type, named);
  if (type.items !== undefined) collectNamed(type.items, named);
  if (type.values !== undefined) collectNamed(type.values, named);
  if (typeof type.type === 'object') collectNamed(type.type, named);
}

/** The schema with every type it names written out once: what is registered and what codecs are made from. */
export function expand(schema: AvroObject, named: Contracts['named']): AvroObject {
  const written = new Set<string>();
  const walk = (type: AvroType): AvroType => {
    if (typeof type === 'string') {
      const definition = named.get(type);
      if (definition === undefined) {
        if (type.includes('.')) throw new Error(`${type} is used and defined nowhere.`);
        return type;
      }
      return written.has(type) ? type : walk(definition);
    }
    if (Array.isArray(type)) return type.map(walk);
    if (type.name !== undefined) written.add(fullName(type));
    return {
      ...type,
      ...(typeof type.type === 'object' && { type: walk(type.type) as AvroObject }),
      ...(type.fields && { fields: type.fields.map((field) => ({ ...field, type: walk(field.type) })) }),
      ...(type.items !== undefined && { items: walk(type.items) }),
      ...(type.values !== undefined && { values: walk(type.values) }),
    };
  };
  return walk(schema) as AvroObject;
}
