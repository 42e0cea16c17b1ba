/** The catalogue of contracts in README.md, written between two markers; what stands around it is written by hand. */
import { type AvroObject, type AvroType, type Contracts, fullName, type TopicRecord } from './load.js';

const begin = '<!-- catalogue: from here on written by `npm run generate` -->';
const end = '<!-- catalogue: to here -->';

/** `readme` with the catalogue of `contracts` between its markers. Throws when the markers are not there. */
export function withCatalogue(readme: string, contracts: Contracts): string {
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error('schemas/README.md has lost the markers of its catalogue.');
  return `${readme.slice(0, from + begin.length)}\n\n${catalogue(contracts)}\n${readme.slice(to)}`;
}

function catalogue(contracts: Contracts): string {
  const topics = [...new Set(contracts.records.map((r) => r.topic))];
  const travelling = new Set(contracts.records.map((r) => r.fullName));
  const inner = [...contracts.named.values()]
    .filter((schema) => !travelling.has(fullName(schema)))
    .sort((a, b) => (a.name as string).localeCompare(b.name as string));
  return [
    ...topics.map((topic) =>
      topicText(
        topic,
        contracts.records.filter((r) => r.topic === topic),
      ),
    ),
    `### Types the records share\n\n${inner.map(typeText).join('\n')}`,
  ].join('\n');
}

function topicText(topic: string, records: readonly TopicRecord[]): string {
  return `### \`${topic}\`\n\n${records.map((r) => typeText(r.schema)).join('\n')}`;
}

function typeText(schema: AvroObject): string {
  const heading = `#### ${schema.name}\n\n${schema.doc ?? ''} \`${fullName(schema)}\`\n`;
  if (schema.symbols !== undefined) {
    return `${heading}\n${schema.symbols.map((symbol) => `\`${symbol}\``).join(' · ')} (default \`${schema.default}\`)\n`;
  }
  const rows = (schema.fields ?? []).map((field) => [
    `\`${field.name}\``,
    typeName(field.type),
    field.retention ?? '',
    field.doc ?? '',
  ]);
  return `${heading}\n${table(['field', 'type', 'retention', 'meaning'], rows)}\n`;
}

/** A table with its columns aligned, as the formatter would have it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] as number)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** The type as a reader says it: `time?` is an optional timestamp in milliseconds. */
function typeName(type: AvroType): string {
  if (typeof type === 'string') return shortName(type);
  if (Array.isArray(type)) {
    const branches = type.filter((branch) => branch !== 'null').map(typeName);
    return `${branches.join(' or ')}${branches.length < type.length ? '?' : ''}`;
  }
  if (type.name !== undefined) return shortName(fullName(type));
  if (type.logicalType === 'timestamp-millis') return 'time';
  if (type.items !== undefined) return `list of ${typeName(type.items)}`;
  if (type.values !== undefined) return `map of ${typeName(type.values)}`;
  return typeName(type.type);
}

function shortName(type: string): string {
  if (!type.includes('.')) return type;
  const name = type.split('.').at(-1) as string;
  return `[${name}](#${name.toLowerCase()})`;
}
