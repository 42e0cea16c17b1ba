/** The projector: token.lifecycle and token.dead-letters → read models in MongoDB. */
import { createCodec } from '@tokenline/contracts';
import { runService } from '@tokenline/runtime';
import { createSealer, parseKeySet } from '@tokenline/sealing';
import { collectionsOf, connectStore, createRegistry } from '@tokenline/store';
import { createLog, undecodableLetters } from '@tokenline/streams';
import { startFeeding } from './generations.js';
import { createMeters } from './meters.js';
import { projectors } from './project.js';

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
  const parts = { codec, writer, putAside, log };
  const feeding = await startFeeding({
    registry: createRegistry(store.db),
    stream,
    project: (name, number, counted) => {
      const into = collectionsOf(store.db, () => number);
      return projectors[name]({ ...parts, meters: counted, into });
    },
    meters,
    log,
  });
  onShutdown(feeding.stop);
  readiness('projections', feeding.problem);
});
