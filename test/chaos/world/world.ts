/** What all rounds of one system add up to, and where its log has been read to. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Codec, createCodec, type TopicName } from '@tokenline/contracts';
import { createLogger } from '@tokenline/runtime';
import { createSealer, parseKeySet } from '@tokenline/sealing';
import { type Collections, collections, openStore } from '@tokenline/store';
import { createLog, type Log } from '@tokenline/streams';
import type { System } from '../../system.js';
import type { Life } from './lives.js';

export interface World {
  readonly system: System;
  readonly log: Log;
  readonly codec: Codec;
  readonly found: Collections;
  /** By their first alias. */
  readonly lives: Map<string, Life>;
  /** Texts every one of which must be a dead letter. */
  readonly refused: Set<string>;
  /** Originals of dead letters, opened once: id → text. */
  readonly letters: Map<string, string>;
  /** Ids seen on the log: of completions by token, of messages by notice. */
  readonly completions: Ids;
  readonly messages: Ids;
  /** Reads what is new of completions and messages. */
  readonly readOn: () => Promise<void>;
  readonly open: (sealed: string) => Promise<string>;
  /** Notices of completions the local outbox holds. */
  readonly outbox: () => number;
  readonly close: () => Promise<void>;
}

export type Ids = Map<string, Set<string>>;

export async function openWorld(system: System): Promise<World> {
  const { config } = system;
  const codec = await createCodec(config.schemaRegistryUrl, config.prefix);
  const log = createLog(config.kafka, config.prefix, createLogger('chaos', 'silent'), 'chaos');
  const store = openStore(config.mongodbUri, config.databaseName);
  const sealer = createSealer(parseKeySet(config.sealingKeys));
  const completions: Ids = new Map();
  const messages: Ids = new Map();
  const places = new Map<TopicName, ReadonlyMap<number, number>>();

  const read = async (topic: TopicName): Promise<void> => {
    const reached = await log.scanFrom(topic, places.get(topic) ?? new Map(), async ({ value }) => {
      const record = value === null ? undefined : await codec.decode(value);
      if (record?.ok !== true) return;
      if (record.type === 'tokenline.lifecycle.ProvisioningCompleted')
        add(completions, record.value.tokenId, record.value.eventId);
      if (record.type === 'tokenline.cardholder.CardholderMessage')
        add(messages, record.value.noticeId, record.value.messageId);
    });
    places.set(topic, reached);
  };
  return {
    system,
    log,
    codec,
    found: collections(store.db),
    lives: new Map(),
    refused: new Set(),
    letters: new Map(),
    completions,
    messages,
    readOn: async () => {
      await read('token.lifecycle');
      await read('cardholder.messages');
    },
    open: (sealed) => sealer.open('original', sealed),
    outbox: () => readdirSync(join(config.home, 'outbox')).filter((name) => /^completion-.*\.txt$/.test(name)).length,
    close: store.close,
  };
}

function add(ids: Ids, of: string, id: string): void {
  const known = ids.get(of) ?? new Set();
  ids.set(of, known.add(id));
}
