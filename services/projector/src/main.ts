/** The projector: token.lifecycle and token.dead-letters → read models in MongoDB. */
import { createCodec } from '@tokenline/contracts';
import { runService } from '@tokenline/runtime';
import { createSealer, parseKeySet } from '@tokenline/sealing';
import { collections, connectStore } from '@tokenline/store';
import { createLog, undecodableLetters } from '@tokenline/streams';
import { createMeters } from './meters.js';
import { type Projecting, projectDeadLetters, projectEvents } from './project.js';

await runService('projector', async ({ config, log, metrics, readiness, onShutdown, fail, serve }) => {
  const sealer = createSealer(parseKeySet(config.sealingKeys));
  const store = await connectStore(config.mongodbUri, config.databaseName);
  onShutdown(store.close);
  readiness('mongodb', store.problem);
  await serve();

  const codec = await createCodec(config.schemaRegistryUrl, config.prefix);
  const stream = createLog(config.kafka, config.prefix, log, 'projector', fail);
  const writer = stream.writer();
  onShutdown(writer.close);

  const meters = createMeters(metrics);
  const putAside = undecodableLetters({ codec, sealer, stage: 'PROJECTOR', now: Date.now });
  const parts: Projecting = { codec, into: collections(store.db), writer, putAside, meters, log };
  const readers = {
    'projector.read-models': { topics: ['token.lifecycle'], onRecords: projectEvents(parts) },
    'projector.dead-letters': { topics: ['token.dead-letters'], onRecords: projectDeadLetters(parts) },
  } as const;
  for (const [group, options] of Object.entries(readers)) {
    const reader = await stream.read({ group, ...options });
    onShutdown(reader.stop);
    readiness(group, reader.problem);
    meters.follow(reader);
  }
});
