/**
 * Writes the TypeScript side of the Avro contracts: the types (into libs/domain, which owns the vocabulary and imports nothing)
 * and the expanded schemas (into libs/contracts, which makes codecs from them). Both are checked in; a test regenerates and compares.
 */
import { type AvroObject, type AvroType, type Contracts, expand, fullName } from './load.js';

const banner = '// Generated from schemas/*.avsc by `npm run generate`. Do not edit.\n';

const primitives: Readonly<Record<string, string>> = {
  boolean: 'boolean',
  bytes: 'Uint8Array',
  double: 'number',
  float: 'number',
  int: 'number',
  long: 'number',
  null: 'null',
  string: 'string',
};

function tsType(type: AvroType): string {
  if (typeof type === 'string') return primitives[type] ?? (type.split('.').at(-1) as string);
  if (Array.isArray(type)) return type.map(tsType).join(' | ');
  if (type.name !== undefined) return type.name;
  if (type.type === 'array') return `readonly ${arrayItem(type.items as AvroType)}[]`;
  if (type.type === 'map') return `Readonly<Record<string, ${tsType(type.values as AvroType)}>>`;
  return tsType(type.type);
}

function arrayItem(type: AvroType): string {
  const item = tsType(type);
  return item.includes(' ') ? `(${item})` : item;
}

function isOptional(type: AvroType): type is ['null', AvroType] {
  return Array.isArray(type) && type[0] === 'null' && type.length === 2;
}

function declaration(schema: AvroObject): string {
  const doc = schema.doc === undefined ? '' : `/** ${schema.doc} */\n`;
  if (schema.type === 'enum') {
    const list = (schema.symbols ?? []).map((symbol) => `'${symbol}'`);
    const constant = `${(schema.name as string).replace(/^./, (c) => c.toLowerCase())}Symbols`;
    return `${doc}export type ${schema.name} = ${list.join(' | ')};\nexport const ${constant} = [${list.join(', ')}] as const satisfies readonly ${schema.name}[];\n`;
  }
  const lines = (schema.fields ?? []).map((field) => {
    const note = field.doc === undefined ? '' : `  /** ${field.doc}${millis(field.type) ? ' (epoch ms)' : ''} */\n`;
    return isOptional(field.type)
      ? `${note}  readonly ${field.name}?: ${tsType(field.type[1])} | undefined;`
      : `${note}  readonly ${field.name}: ${tsType(field.type)};`;
  });
  return `${doc}export interface ${schema.name} {\n${lines.join('\n')}\n}\n`;
}

function millis(type: AvroType): boolean {
  return JSON.stringify(type).includes('"timestamp-millis"');
}

/** The types of every contract. */
export function typesModule(contracts: Contracts): string {
  const declarations = [...contracts.named.values()]
    .sort((a, b) => fullName(a).localeCompare(fullName(b)))
    .map(declaration);
  const records = contracts.records.map((r) => `  '${r.fullName}': ${r.schema.name};`);
  return `${banner}\n${declarations.join('\n')}\n/** The records that travel on topics, by full name. */\nexport interface TopicRecords {\n${records.join('\n')}\n}\n`;
}

/** Topic and expanded schema of every record. */
export function schemasModule(contracts: Contracts): string {
  const entries = contracts.records.map(
    (r) =>
      `  '${r.fullName}': {\n    topic: '${r.topic}',\n    schema: ${JSON.stringify(expand(r.schema, contracts.named))},\n  },`,
  );
  return `${banner}\nexport const recordSchemas = {\n${entries.join('\n')}\n} as const;\n`;
}
