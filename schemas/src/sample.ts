/** A composed value of any schema, every optional field filled: what golden binaries are made of. Always the same for the same schema. */
import { definitionsIn } from './compatibility.js';
import type { AvroObject, AvroType } from './load.js';

/** 2026-01-02T03:04:05.006Z */
const someTime = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

export function sampleValue(schema: AvroObject): unknown {
  const definitions = definitionsIn(schema);
  const make = (type: AvroType, name: string): unknown => {
    if (typeof type === 'string') {
      const definition = definitions.get(type);
      return definition === undefined ? primitive(type, name) : make(definition, name);
    }
    if (Array.isArray(type)) {
      const branch = type.find((t) => t !== 'null');
      return branch === undefined ? null : make(branch, name);
    }
    if (type.symbols !== undefined) return type.symbols.at(-1);
    if (type.fields !== undefined) return Object.fromEntries(type.fields.map((f) => [f.name, make(f.type, f.name)]));
    if (type.items !== undefined) return [make(type.items, name)];
    if (type.values !== undefined) return { [`${name}-key`]: make(type.values, name) };
    return type.logicalType === 'timestamp-millis' ? someTime : make(type.type, name);
  };
  return make(schema, schema.name as string);
}

function primitive(type: string, name: string): unknown {
  switch (type) {
    case 'null':
      return null;
    case 'boolean':
      return true;
    case 'int':
    case 'long':
      return name.length;
    case 'float':
    case 'double':
      return name.length + 0.5;
    case 'string':
      return `a ${name}`;
    case 'bytes':
      return Buffer.from(name);
    default:
      throw new Error(`No sample can be composed of type ${type} (field ${name}).`);
  }
}
