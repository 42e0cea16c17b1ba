/** For tests: one door over HTTP without Kafka and MongoDB, and ways to look at what came out of it. */
import type { DeadLetter, FactDraft, InboundMessage } from '@tokenline/domain';
import { createLogger, Registry } from '@tokenline/runtime';
import { createSealer, type Purpose, parseKeySet, type Sealer } from '@tokenline/sealing';
import type { CardholderDoc } from '@tokenline/store';
import type { OutRecord } from '@tokenline/streams';
import { createMeters } from '../meters.js';
import type { ContactParts } from './contacts.js';
import type { Door } from './door.js';
import { createEdge } from './server.js';

/** Always the same, so that references are. */
export const sealingKeys = JSON.stringify({
  current: 'test',
  keys: { test: Buffer.alloc(32, 7).toString('base64url') },
});

export interface DoorParts {
  readonly codec: { readonly encode: (type: string, value: unknown) => Buffer };
  readonly sealer: Sealer;
  readonly write: (records: readonly OutRecord[]) => Promise<void>;
}

export interface DoorEdge {
  readonly post: (url: string, body: string) => Promise<{ readonly status: number; readonly text: string }>;
  readonly sealer: Sealer;
  readonly messages: () => readonly InboundMessage[];
  readonly letters: () => readonly DeadLetter[];
  /** Everything written, as text, and everything logged. */
  readonly kept: () => string;
  /** Forgets what was written. */
  readonly clear: () => void;
  readonly close: () => Promise<void>;
}

/** `path` is the door's address, `now` the clock of the edge. */
export function startDoor(
  path: string,
  make: (parts: DoorParts) => Door,
  { now = Date.now }: { readonly now?: (() => number) | undefined } = {},
): DoorEdge {
  const sealer = createSealer(parseKeySet(sealingKeys));
  const written: { readonly topic: string; readonly text: string }[] = [];
  const codec = { encode: (_type: string, value: unknown) => Buffer.from(JSON.stringify(value)) };
  const write = async (records: readonly OutRecord[]): Promise<void> => {
    for (const { topic, key, value, headers } of records) {
      written.push({ topic, text: String(value) }, { topic: 'around', text: `${key} ${JSON.stringify(headers)}` });
    }
  };
  const edge = createEdge({
    config: { mode: 'local', senders: [] },
    doors: [{ method: 'POST', path, door: make({ codec, sealer, write }) }],
    redrive: () => Promise.reject(new Error('Nothing is redriven here.')),
    codec,
    sealer,
    write,
    meters: createMeters(new Registry()),
    log: createLogger('test', 'silent'),
    now,
  });
  const all = <T>(topic: string): readonly T[] =>
    written.filter((record) => record.topic === topic).map(({ text }) => JSON.parse(text) as T);
  return {
    post: async (url, body) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await edge.inject({ method: 'POST', url, payload: body, headers });
      return { status: answer.statusCode, text: answer.payload };
    },
    sealer,
    messages: () => all('tsp.inbound'),
    letters: () => all('token.dead-letters'),
    kept: () => written.map(({ text }) => text).join('\n'),
    clear: () => void written.splice(0),
    close: () => edge.close(),
  };
}

/** As much of a collection as a door asks for. */
export function directoryOf(docs: readonly CardholderDoc[]): ContactParts['cardholders'] {
  const find = (filter: { readonly _id: { readonly $in: readonly string[] } }) => {
    const found = docs.filter(({ _id }) => filter._id.$in.includes(_id));
    const cursor = { sort: () => cursor, limit: () => cursor, toArray: () => Promise.resolve(found.slice(0, 1)) };
    return cursor;
  };
  return { find } as unknown as ContactParts['cardholders'];
}

/** A fact as a person reads it: times in ISO 8601, nothing that is absent, and what is sealed by what it holds. */
export async function shownFact(fact: FactDraft, sealer: Sealer): Promise<unknown> {
  const at = (epochMs: number): string => new Date(epochMs).toISOString();
  const opened = (sealed: string | undefined) => shownSealed(sealed, sealer);
  const { occurredAt, receivedAt, activation, tokenPanSealed, ...rest } = fact;
  const { codeSealed, contactSealed, expiresAt, ...method } = activation ?? {};
  return JSON.parse(
    JSON.stringify({
      ...rest,
      occurredAt: at(occurredAt),
      receivedAt: at(receivedAt),
      tokenPanSealed: await opened(tokenPanSealed),
      activation: activation && {
        ...method,
        codeSealed: await opened(codeSealed),
        contactSealed: await opened(contactSealed),
        expiresAt: expiresAt === undefined ? undefined : at(expiresAt),
      },
    }),
  );
}

const purposes: readonly Purpose[] = ['activation-code', 'contact', 'token-number', 'field', 'original'];

/** A sealed value as a person reads it. */
export async function shownSealed(sealed: string | undefined, sealer: Sealer): Promise<string | undefined> {
  if (sealed === undefined) return undefined;
  const purpose = purposes.find((one) => sealer.isSealed(one, sealed));
  return purpose === undefined ? 'NOT SEALED' : `sealed ${purpose}: ${await sealer.open(purpose, sealed)}`;
}
