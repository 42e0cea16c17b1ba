/** The notifier put together: what main starts, and what tests run on a clock of their own. */

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Codec } from '@tokenline/contracts';
import { builtinRules, type NoticeRules, type NoticeTexts } from '@tokenline/domain';
import type { Logger, Registry } from '@tokenline/runtime';
import type { Sealer } from '@tokenline/sealing';
import { collections, createVault, type Store } from '@tokenline/store';
import type { InRecord, LogWriter } from '@tokenline/streams';
import type { Channel } from './channels/port.js';
import type { Clock } from './clock.js';
import { createCodes } from './codes.js';
import { createContacts } from './contacts.js';
import { createDispatcher } from './dispatcher.js';
import { createHeartbeats } from './heartbeats.js';
import { createHear, type Hear } from './inbound/hear.js';
import { createHeardMeter } from './inbound/meter.js';
import { createLedger } from './ledger.js';
import { type Loop, startLoop } from './loop.js';
import { createMeters } from './meters.js';
import { createProgrammes } from './programmes.js';
import { createReader } from './reader.js';
import { createReceipts } from './receipts.js';
import { watchOnce } from './watch.js';

export interface NotifierParts {
  readonly codec: Codec;
  readonly store: Pick<Store, 'db'>;
  readonly writer: LogWriter;
  readonly sealer: Sealer;
  readonly channels: readonly Channel[];
  /** The policy in force; the one built in when left out. */
  readonly rules?: NoticeRules;
  /** The issuer's texts; the built-in ones when left out. */
  readonly texts?: NoticeTexts | undefined;
  readonly clock: Clock;
  readonly metrics: Registry;
  readonly log: Logger;
}

export interface Notifier {
  /** Handles records of token.lifecycle. */
  readonly onRecords: (records: readonly InRecord[]) => Promise<void>;
  /** Sends everything due now, watches the deadlines once, and waits for it all: for tests. */
  readonly runOnce: () => Promise<void>;
  /** Dispatches from now on. */
  readonly start: () => Loop;
  /** Takes what a channel says later of a notice. */
  readonly hear: Hear;
}

export function createNotifier(parts: NotifierParts): Notifier {
  const { codec, store, writer, sealer, channels, rules = builtinRules, texts, clock, metrics, log } = parts;
  const { notices, notifierInstances, cardholders, activationCodes } = collections(store.db);
  const instance = `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`;
  const heartbeats = createHeartbeats(notifierInstances, instance, clock);
  const ledger = createLedger(notices, instance, heartbeats.dead);
  const programmes = createProgrammes(cardholders);
  const meters = createMeters(metrics, () => ledger.waiting(clock.now()));
  const receipts = createReceipts(codec, writer, ledger, log);
  const contacts = createContacts(cardholders, sealer);
  const codes = createCodes(createVault(activationCodes), sealer, log);
  const dispatcher = createDispatcher({
    ledger,
    contacts,
    codes,
    channels,
    texts,
    receipts,
    heartbeats,
    clock,
    meters,
    log,
  });
  const watch = () => watchOnce({ ledger, receipts, clock, meters, log });
  let loop: Pick<Loop, 'room' | 'wake'> = { room: () => 0, wake: () => undefined };
  const wake = () => loop.wake();
  const hear = createHear({
    notices,
    ledger,
    receipts,
    codes,
    clock,
    meters,
    heard: createHeardMeter(metrics),
    log,
    wake,
  });
  return {
    hear,
    onRecords: createReader({
      rules,
      programmes,
      codec,
      ledger,
      writer,
      sealer,
      clock,
      meters,
      log,
      room: () => loop.room(),
      accept: dispatcher.accept,
      wake,
    }),
    runOnce: async () => {
      let taken: number;
      do {
        await heartbeats.beat();
        ({ taken } = await dispatcher.take());
        await dispatcher.idle();
      } while (taken > 0);
      await watch();
      await dispatcher.idle();
    },
    start: () => {
      const started = startLoop(dispatcher, watch, heartbeats, log);
      loop = started;
      return started;
    },
  };
}
