/**
 * Avro on the wire: a zero byte, the writer schema's id in four bytes, then the value.
 * Ids are resolved once at start (a missing one stops the service: registering is a deploy step). Reading resolves the writer's schema
 * to ours with one cached resolver per writer id; the registry client's own readerSchema option rebuilds it for each message (274 µs against 0.7).
 */
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import type { TopicRecords } from '@tokenline/domain';
import avro from 'avsc';
import { type Plain, withoutNulls } from './absent.js';
import { recordSchemas } from './generated/schemas.js';
import { type KnownBytes, mendLists, withKnown } from './known.js';
import { mendStrings } from './strings.js';
import type { TopicName } from './topics.js';

/** A zero byte and the schema's id. */
const headerLength = 5;

mendStrings();
mendLists(headerLength);

export type RecordName = keyof TopicRecords;
export const recordNames = Object.keys(recordSchemas) as RecordName[];

/** A value with the name of its record type. */
export type AnyRecord = {
  readonly [N in RecordName]: { readonly type: N; readonly value: TopicRecords[N] };
}[RecordName];

export type Decoded =
  /** `current`: written with the schema we write with, to the last byte, so that the bytes may be written again (encode). */
  | ({ readonly ok: true; readonly current?: boolean } & AnyRecord)
  /** A record type this code does not know: readers skip it. */
  | { readonly ok: false; readonly reason: 'unknown-type'; readonly type: string }
  | { readonly ok: false; readonly reason: 'undecodable'; readonly message: string };

export interface Codec {
  /**
   * Wire bytes of a value. Throws when the value does not fit its schema, naming the field. Records in lists of it whose wire bytes are `known`, which
   * must be current (Decoded), are copied from there.
   */
  readonly encode: <N extends RecordName>(type: N, value: TopicRecords[N], known?: KnownBytes) => Buffer;
  /** Throws only when the registry must be asked and does not answer: then nothing is known about the bytes. */
  readonly decode: (bytes: Buffer) => Promise<Decoded>;
}

/** How values of one writer schema are read: with a resolver to our type, or not at all. */
type Reading =
  | { readonly known: true; readonly name: RecordName; readonly resolver: unknown; readonly current: boolean }
  | { readonly known: false; readonly name: string };

export function topicOf(type: RecordName): TopicName {
  return recordSchemas[type].topic;
}

/** Subject of a record: topic (with prefix) and full name, so that a topic can hold many types, each evolving by itself. */
export function subjectOf(type: RecordName, prefix: string): string {
  return `${prefix}${topicOf(type)}-${type}`;
}

/** The expanded schema text of a record, as registered. */
export function schemaText(type: RecordName): string {
  return JSON.stringify(recordSchemas[type].schema);
}

export function registryClient(url: string): SchemaRegistry {
  return new SchemaRegistry({ host: url, retry: { retries: 5, initialRetryTimeInSecs: 0.2, maxRetryTimeInSecs: 5 } });
}

/**
 * A codec whose schema ids come from the registry at `url`.
 * Throws when a record's schema is not registered under its subject, or when the registry cannot be reached.
 */
export async function createCodec(url: string, prefix: string): Promise<Codec> {
  const registry = registryClient(url);
  const readers = new Map<RecordName, avro.Type>();
  const plains = new Map<RecordName, Plain>();
  const headers = new Map<RecordName, Buffer>();
  const resolvers = new Map<number, Reading>();
  await Promise.all(
    recordNames.map(async (name) => {
      const subject = subjectOf(name, prefix);
      let id: number;
      try {
        id = await registry.getRegistryIdBySchema(subject, { type: SchemaType.AVRO, schema: schemaText(name) });
      } catch (error) {
        throw new Error(
          `The schema of ${name} is not registered under ${subject} at ${url}: run 'tokenline deploy'. (${(error as Error).message})`,
        );
      }
      const type = parse(name);
      readers.set(name, type);
      plains.set(name, withoutNulls(type) as Plain);
      headers.set(name, wireHeader(id));
    }),
  );

  const resolverOf = async (id: number): Promise<Reading> => {
    const known = resolvers.get(id);
    if (known !== undefined) return known;
    const writer = (await registry.getSchema(id)) as unknown as avro.Type;
    const name = writer.name as RecordName;
    const reader = readers.get(name);
    const made: Reading =
      reader === undefined
        ? { known: false, name: String(writer.name) }
        : {
            known: true,
            name,
            resolver: reader.createResolver(writer),
            current: headers.get(name)?.readInt32BE(1) === id,
          };
    resolvers.set(id, made);
    return made;
  };

  return {
    encode: (type, value, known) => {
      const [reader, header] = [readers.get(type) as avro.Type, headers.get(type) as Buffer];
      return known === undefined
        ? encodeWith(reader, header, value)
        : withKnown(known, () => encodeWith(reader, header, value));
    },
    decode: async (bytes) => {
      if (bytes.length <= headerLength || bytes[0] !== 0) {
        return { ok: false, reason: 'undecodable', message: 'The value does not start with the registry wire format.' };
      }
      let found: Reading;
      try {
        found = await resolverOf(bytes.readInt32BE(1));
      } catch (error) {
        if (isOutage(error)) throw error;
        return { ok: false, reason: 'undecodable', message: (error as Error).message };
      }
      if (!found.known) return { ok: false, reason: 'unknown-type', type: found.name };
      const reader = readers.get(found.name) as avro.Type;
      try {
        const { value, offset } = reader.decode(bytes, headerLength, found.resolver as avro.Resolver);
        if (value === undefined) return { ok: false, reason: 'undecodable', message: 'The value is cut short.' };
        const current = found.current && offset === bytes.length;
        return { ok: true, current, type: found.name, value: plains.get(found.name)?.(value) } as Decoded;
      } catch (error) {
        return { ok: false, reason: 'undecodable', message: (error as Error).message };
      }
    },
  };
}

/**
 * The registry did not answer, so nothing can be said about the bytes. The client reports every failed request as a ResponseError, a refused
 * connection with status 400; only 404 is an answer: no schema has this id. Errors of another kind are about the schema itself.
 */
function isOutage(error: unknown): boolean {
  const { name, status } = error as { readonly name?: string; readonly status?: number };
  return name === 'ResponseError' && status !== 404;
}

function parse(name: RecordName): avro.Type {
  return avro.Type.forSchema(recordSchemas[name].schema as unknown as avro.Schema);
}

function wireHeader(id: number): Buffer {
  const header = Buffer.alloc(headerLength);
  header.writeInt32BE(id, 1);
  return header;
}

/**
 * Where values are written, one behind the other, and stay: avsc's own way writes what is above 1 KiB twice and copies it. A value keeps its whole
 * page in memory, so pages are small.
 */
let page = Buffer.allocUnsafeSlow(0);
let written = 0;
const pageLength = 32 * 1024;

function encodeWith(type: avro.Type, header: Buffer, value: unknown): Buffer {
  try {
    let end = type.encode(value, page, written + headerLength);
    if (end < 0) {
      // Negative: so many bytes more than there were.
      const length = page.length - end - written;
      page = Buffer.allocUnsafeSlow(Math.max(length, pageLength));
      written = 0;
      end = type.encode(value, page, headerLength);
    }
    const begin = written;
    written = end;
    page.set(header, begin);
    return page.subarray(begin, end);
  } catch (error) {
    const fields: string[] = [];
    type.isValid(value, { errorHook: (path) => void fields.push(path.join('.')) });
    throw new Error(`${type.name} does not fit its schema at ${fields.join(', ') || (error as Error).message}.`);
  }
}
