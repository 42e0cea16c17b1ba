/**
 * What a run works on: a prefix of its own on the stack, cardholders of whom half have an e-mail address and half a phone, a completion on the
 * lifecycle log for each, and the notifier as it ships (dist/main.js), alone.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { deployAll } from '@tokenline/cli';
import { createCodec } from '@tokenline/contracts';
import { noticeIdOf, type ProvisioningCompleted } from '@tokenline/domain';
import { completionEvent } from '@tokenline/domain/testing';
import { createProcessGroup, type ManagedProcess } from '@tokenline/local';
import { createLogger, loadConfig, portVariable } from '@tokenline/runtime';
import { createSealer, parseKeySet } from '@tokenline/sealing';
import { collections, connectStore, type NoticeDoc } from '@tokenline/store';
import { createLog, eventHeaders, type OutRecord } from '@tokenline/streams';
import { root } from '../root.js';
import { freePorts } from '../system.js';
import type { ChannelName } from './desk.js';

export interface World {
  /** The channel each notice has to go by. */
  readonly notices: ReadonlyMap<string, ChannelName>;
  readonly notifier: () => ManagedProcess;
  /** The ledger's entry. */
  readonly entry: (noticeId: string) => Promise<NoticeDoc | null>;
  readonly count: (filter: object) => Promise<number>;
  readonly logs: string;
  readonly close: () => Promise<void>;
}

const silent = createLogger('test', 'silent');
const quiet = { TOKENLINE_LOG_LEVEL: 'error', TOKENLINE_KAFKA_SESSION_TIMEOUT_MS: '1000' };

/** Publishes `size` completions; the notifier is not started. `env` names the far sides. */
export async function openWorld(size: number, env: NodeJS.ProcessEnv): Promise<World> {
  const prefix = `handover-${randomBytes(4).toString('hex')}-`;
  const home = join(root, '.tokenline/test-systems', prefix.slice(0, -1));
  mkdirSync(home, { recursive: true });
  const [port] = await freePorts(1);
  const whole = {
    ...process.env,
    TOKENLINE_MODE: 'local',
    TOKENLINE_HOME: home,
    TOKENLINE_TOPIC_PREFIX: prefix,
    [portVariable('notifier')]: String(port),
    ...quiet,
    ...env,
  };
  const config = loadConfig(whole);
  await deployAll(config, silent);
  const store = await connectStore(config.mongodbUri, config.databaseName);
  const { cardholders, notices: ledger } = collections(store.db);
  const sealer = createSealer(parseKeySet(config.sealingKeys));
  const codec = await createCodec(config.schemaRegistryUrl, prefix);
  const log = createLog(config.kafka, prefix, silent, 'test');
  const writer = log.writer();
  const processes = createProcessGroup();
  const logs = join(home, 'notifier.log');

  const events = Array.from({ length: size }, (_, n) => completion(n));
  const contact = {
    smtp: { emailSealed: await sealer.seal('contact', 'ana.smith@inbox.example') },
    sms: { phoneSealed: await sealer.seal('contact', '+447700900123') },
  };
  await cardholders.insertMany(
    events.map((event, n) => ({ _id: event.card?.ref ?? '', ...contact[channelOf(n)], updatedAt: new Date() })),
  );
  await writer.write(
    events.map((event): OutRecord => {
      const type = 'tokenline.lifecycle.ProvisioningCompleted';
      const about = { id: event.eventId, type, source: 'lifecycle', time: event.occurredAt, subject: event.tokenId };
      return {
        topic: 'token.lifecycle',
        key: event.tokenId,
        value: codec.encode(type, event),
        headers: eventHeaders(about),
      };
    }),
  );
  return {
    notices: new Map(events.map(({ tokenId }, n) => [noticeIdOf('PROVISIONING_COMPLETED', tokenId), channelOf(n)])),
    notifier: () =>
      processes.spawn({
        name: 'notifier',
        command: process.execPath,
        args: [join(root, 'services/notifier/dist/main.js')],
        env: whole,
        logFile: logs,
      }),
    entry: (noticeId) => ledger.findOne({ _id: noticeId }),
    count: (filter) => ledger.countDocuments(filter),
    logs,
    close: async () => {
      await processes.stopAll();
      await writer.close();
      await store.db.dropDatabase();
      await store.close();
    },
  };
}

function channelOf(n: number): ChannelName {
  return n % 2 === 0 ? 'smtp' : 'sms';
}

function completion(n: number): ProvisioningCompleted {
  const ids = {
    eventId: randomUUID(),
    tokenId: randomUUID(),
    factId: randomUUID(),
    publicToken: String(100_000_000 + n),
  };
  return completionEvent(ids, Date.now(), { cause: { topic: 'token.facts', partition: 0, offset: n } });
}
