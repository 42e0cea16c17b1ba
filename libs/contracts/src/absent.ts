/**
 * Values without their nulls: on the wire an absent optional field is null, in our types it is left out.
 *
 * What does it is made once for each record type, as code that names the fields: asking every value for its keys took as long as decoding
 * it, and what it made had no shape V8 could know (decoding 6.0 -> 3.6 us an event of token.lifecycle).
 */
import avro from 'avsc';

/** Makes a plain value of a decoded one. */
export type Plain = (value: unknown) => unknown;

/** What makes plain values of those avsc reads as `type`; undefined when they are so already. */
export function withoutNulls(type: avro.Type, made = new Map<avro.Type, Plain>()): Plain | undefined {
  const { ArrayType, MapType, RecordType, StringType, UnwrappedUnionType } = avro.types;
  if (type instanceof RecordType) return made.get(type) ?? ofRecord(type, made);
  if (type instanceof ArrayType) return ofArray(withoutNulls(type.itemsType, made));
  if (type instanceof MapType && type.valuesType instanceof StringType) return undefined;
  if (type instanceof UnwrappedUnionType) {
    const some = type.types.filter(({ typeName }) => typeName !== 'null');
    if (some.length === 1) return withoutNulls(some[0] as avro.Type, made);
  }
  if (type instanceof MapType || type.typeName.startsWith('union'))
    throw new Error(`No schema of ours has ${JSON.stringify(type)}: teach this module to read it.`);
  return undefined;
}

function ofArray(item: Plain | undefined): Plain | undefined {
  return item && ((values) => (values as unknown[]).map(item));
}

/** Fields in the order of the schema, as ever. Objects of a constructor have room for their fields from the start; these pass for literals. */
function ofRecord(type: avro.types.RecordType, made: Map<avro.Type, Plain>): Plain {
  const fields = type.fields.map((field) => ({
    name: field.name,
    type: field.type,
    plain: withoutNulls(field.type, made),
  }));
  const lines = fields.map(({ name, type, plain }, n) => {
    const set = `this.${name} = ${plain === undefined ? `value.${name}` : `plain${n}(value.${name})`};`;
    return type instanceof avro.types.UnwrappedUnionType ? `if (value.${name} != null) ${set}` : set;
  });
  const make = new Function(
    ...fields.map((_, n) => `plain${n}`),
    `function Plain(value) {\n${lines.join('\n')}\n}
    Plain.prototype = Object.prototype;
    return (value) => new Plain(value);`,
  );
  const plain = make(...fields.map((field) => field.plain)) as Plain;
  made.set(type, plain);
  return plain;
}
