/** The notifier service: lifecycle log → ledger → channels. */
import { createCodec } from '@tokenline/contracts';
import { noticeRules, parseNoticeTexts } from '@tokenline/domain';
import { createDoorApp, runService } from '@tokenline/runtime';
import { createSealer, parseKeySet } from '@tokenline/sealing';
import { collections, connectStore } from '@tokenline/store';
import { createLog } from '@tokenline/streams';
import { createChannels } from './channels/setup.js';
import { systemClock } from './clock.js';
import { sendsAtOnce } from './dispatcher.js';
import { receiptDoor, receiptLimit } from './inbound/door.js';
import { startPolling } from './inbound/poll.js';
import { createNotifier } from './notifier.js';

/** A notice has minutes where what others do with the same events has half a second. */
const paceMs = 250;

await runService('notifier', async ({ config, log, metrics, readiness, onShutdown, fail, serve }) => {
  const rules = noticeRules(config.noticePolicy);
  const { templates } = config.notifier;
  const texts = templates === undefined ? undefined : parseNoticeTexts(templates);
  const sealer = createSealer(parseKeySet(config.sealingKeys));
  const codec = await createCodec(config.schemaRegistryUrl, config.prefix);
  const store = await connectStore(config.mongodbUri, config.databaseName);
  onShutdown(store.close);
  const kafka = createLog(config.kafka, config.prefix, log, 'notifier', fail);
  const writer = kafka.writer();
  onShutdown(writer.close);
  const channels = createChannels(config, systemClock, sendsAtOnce);
  onShutdown(async () => void (await Promise.all(channels.map((channel) => channel.close()))));

  const notifier = createNotifier({
    codec,
    store,
    writer,
    sealer,
    channels,
    rules,
    texts,
    clock: systemClock,
    metrics,
    log,
  });
  const loop = notifier.start();
  onShutdown(loop.stop);
  const { smsStatusUrl: statusUrl, smsSecret: secret } = config.notifier;
  const { notices } = collections(store.db);
  if (statusUrl !== undefined)
    onShutdown(startPolling({ statusUrl, secret, notices, hear: notifier.hear, clock: systemClock, log }));
  const { onRecords } = notifier;
  const reader = await kafka.read({ group: 'notifier', topics: ['token.lifecycle'], onRecords, paceMs });
  onShutdown(reader.stop);

  readiness('mongodb', store.problem);
  readiness('log', () => writer.problem() ?? reader.problem());
  readiness('dispatcher', loop.problem);
  const app = createDoorApp(config, receiptLimit, log);
  receiptDoor(app, { config, hear: notifier.hear, clock: systemClock, log });
  await serve(app);
});
