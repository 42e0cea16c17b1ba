import { createCodec, type TopicName, topicNames } from '@tokenline/contracts';
import { createLog, type InRecord } from '@tokenline/streams';
import { CliError } from '../errors.js';
import type { Io } from '../io.js';
import { quietLog } from '../quiet-log.js';
import { shownSealed } from '../sealed.js';
import { toolConfig } from '../settings.js';

export interface TailArguments {
  readonly fromStart: boolean;
  /** False stops at the present end. */
  readonly follow: boolean;
  /** Most records to print. */
  readonly max?: number;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/** Prints the decoded records of a topic; sealed values show only the key they are sealed under. */
export async function tail(io: Io, topic: string, given: TailArguments): Promise<void> {
  if (!isTopic(topic)) throw new CliError(`'${topic}' is no topic of ours: use one of ${topicNames.join(', ')}.`);
  const config = toolConfig(io.env);
  const codec = await createCodec(config.schemaRegistryUrl, config.prefix).catch((error: Error) => {
    throw new CliError(error.message);
  });
  const log = createLog(config.kafka, config.prefix, quietLog(io.env), 'tail');
  const enough = new AbortController();
  let printed = 0;

  const onRecord = async (record: InRecord): Promise<void> => {
    if (enough.signal.aborted) return;
    const shown = await decoded(codec, record);
    io.out(given.json ? JSON.stringify(shown) : readable(shown));
    printed += 1;
    if (printed === given.max) enough.abort();
  };
  if (!given.follow) return log.scan(topic, onRecord);
  const signal = AbortSignal.any([given.signal, enough.signal]);
  await log.follow(topic, { fromStart: given.fromStart, onRecord, signal });
}

interface Shown {
  readonly partition: number;
  readonly offset: number;
  readonly time: string;
  readonly key: string;
  readonly type?: string;
  readonly value: unknown;
}

async function decoded(codec: Awaited<ReturnType<typeof createCodec>>, record: InRecord): Promise<Shown> {
  const { partition, offset, key } = record;
  const place = { partition, offset, time: new Date(record.timestamp).toISOString(), key };
  if (record.value === null) return { ...place, value: null };
  const result = await codec.decode(record.value);
  if (result.ok) return { ...place, type: result.type, value: shownSealed(result.value) };
  if (result.reason === 'unknown-type')
    return { ...place, type: result.type, value: 'a type this version does not know' };
  return { ...place, value: `undecodable: ${result.message}` };
}

function readable({ partition, offset, time, key, type, value }: Shown): string {
  const name = type?.split('.').at(-1) ?? (value === null ? 'tombstone' : '?');
  return `${time} ${partition}/${offset} ${key} ${name}\n  ${JSON.stringify(value)}`;
}

function isTopic(text: string): text is TopicName {
  return (topicNames as readonly string[]).includes(text);
}
