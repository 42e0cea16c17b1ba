/**
 * Whether two versions of a record can read each other, in both directions: what FULL_TRANSITIVE asks of every pair of versions, and a little more.
 *
 * Allowed: a new field with a default; taking away a field that had one; new symbols of an enum; other docs, retention classes and defaults.
 * Refused: everything else, and taking away a symbol (Avro would read what was written with it as the default: history would turn UNKNOWN).
 */
import avro from 'avsc';
import { type AvroField, type AvroObject, type AvroType, fullName } from './load.js';

/** Every named type written out in a schema, by full name. */
export function definitionsIn(schema: AvroType, found: Map<string, AvroObject> = new Map()): Map<string, AvroObject> {
  if (typeof schema === 'string') return found;
  if (Array.isArray(schema)) {
    for (const branch of schema) definitionsIn(branch, found);
    return found;
  }
  if (schema.name !== undefined) found.set(fullName(schema), schema);
  for (const field of schema.fields ?? []) definitionsIn(field.type, found);
  for (const inner of [schema.items, schema.values]) if (inner !== undefined) definitionsIn(inner, found);
  if (typeof schema.type === 'object') definitionsIn(schema.type, found);
  return found;
}

/** The two schemas, in expanded form, as `newer` and `older` version of one record: what is wrong, a sentence each, naming record and field. */
export function incompatibilities(newer: AvroObject, older: AvroObject): readonly string[] {
  const record = fullName(newer);
  const definitions = { newer: definitionsIn(newer), older: definitionsIn(older) };
  const compared = new Set<string>();
  const problems: string[] = [];
  const refuse = (path: string, what: string): void => {
    problems.push(`${record}${path === '' ? '' : `, field ${path}`}: ${what}.`);
  };

  const resolve = (type: AvroType, side: keyof typeof definitions): AvroType =>
    typeof type === 'string' ? (definitions[side].get(type) ?? type) : type;

  const compare = (newType: AvroType, oldType: AvroType, path: string): void => {
    const now = resolve(newType, 'newer');
    const before = resolve(oldType, 'older');
    if (Array.isArray(now) || Array.isArray(before)) {
      if (Array.isArray(now) && Array.isArray(before)) compareUnions(now, before, path);
      else refuse(path, 'its type was a union and is not, or the other way round');
      return;
    }
    if (kindOf(now) !== kindOf(before)) {
      refuse(path, `its type was ${kindOf(before)} and is ${kindOf(now)}`);
      return;
    }
    if (typeof now === 'string' || typeof before === 'string') return;
    if (now.name !== undefined) {
      if (compared.has(fullName(now))) return;
      compared.add(fullName(now));
    }
    if (now.symbols !== undefined) compareEnums(now, before, path);
    if (now.fields !== undefined) compareFields(now.fields, before.fields ?? [], path);
    if (now.items !== undefined) compare(now.items, before.items as AvroType, `${path}[]`);
    if (now.values !== undefined) compare(now.values, before.values as AvroType, `${path}{}`);
  };

  const compareUnions = (now: readonly AvroType[], before: readonly AvroType[], path: string): void => {
    const branches = (types: readonly AvroType[], side: keyof typeof definitions) =>
      new Map(types.map((type) => [kindOf(resolve(type, side)), type]));
    const [nowBy, beforeBy] = [branches(now, 'newer'), branches(before, 'older')];
    for (const kind of nowBy.keys())
      if (!beforeBy.has(kind)) refuse(path, `it may now be ${kind}, which earlier readers cannot read`);
    for (const [kind, type] of beforeBy) {
      const counterpart = nowBy.get(kind);
      if (counterpart === undefined) refuse(path, `it may no longer be ${kind}, which earlier values are`);
      else compare(counterpart, type, path);
    }
  };

  const compareEnums = (now: AvroObject, before: AvroObject, path: string): void => {
    if (now.default === undefined) refuse(path, `enum ${now.name} has no default`);
    else if (now.default !== before.default) refuse(path, `enum ${now.name} had another default`);
    for (const symbol of before.symbols ?? [])
      if (!now.symbols?.includes(symbol)) refuse(path, `enum ${now.name} has lost its symbol ${symbol}`);
  };

  const compareFields = (now: readonly AvroField[], before: readonly AvroField[], path: string): void => {
    const at = (field: AvroField) => (path === '' ? field.name : `${path}.${field.name}`);
    for (const field of now) {
      const earlier = before.find((f) => f.name === field.name);
      if (earlier !== undefined) compare(field.type, earlier.type, at(field));
      else if (field.default === undefined) refuse(at(field), 'it is new and has no default');
    }
    for (const field of before) {
      if (field.default === undefined && !now.some((f) => f.name === field.name))
        refuse(at(field), 'it is gone and had no default');
    }
  };

  compare(newer, older, '');
  if (problems.length === 0) problems.push(...unresolvable(newer, older));
  return problems;
}

/** What kind of thing a type is: two types of one kind can be compared further. */
function kindOf(type: AvroType): string {
  if (typeof type === 'string') return type;
  if (Array.isArray(type)) return 'union';
  if (type.name !== undefined) return `${String(type.type)} ${fullName(type)}`;
  const base = typeof type.type === 'string' ? type.type : kindOf(type.type);
  return type.logicalType === undefined ? base : `${base} (${type.logicalType})`;
}

/** The library's own judgement, in case it knows something the rules above do not. */
function unresolvable(newer: AvroObject, older: AvroObject): readonly string[] {
  const [now, before] = [newer, older].map((schema) => avro.Type.forSchema(schema as avro.Schema)) as [
    avro.Type,
    avro.Type,
  ];
  const attempt = (reader: avro.Type, writer: avro.Type, what: string): string[] => {
    try {
      reader.createResolver(writer);
      return [];
    } catch (error) {
      return [`${fullName(newer)}: ${what}: ${(error as Error).message}.`];
    }
  };
  return [
    ...attempt(now, before, 'what earlier writers wrote cannot be read'),
    ...attempt(before, now, 'earlier readers cannot read it'),
  ];
}
