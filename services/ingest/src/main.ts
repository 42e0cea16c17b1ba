/** Ingest: the doors (HTTP → tsp.inbound) and the normalizer (tsp.inbound → token.facts) in one process. */
import { createCodec } from '@tokenline/contracts';
import { runService } from '@tokenline/runtime';
import { openStore } from '@tokenline/store';
import { createLog } from '@tokenline/streams';
import { createIngest } from './ingest.js';

await runService('ingest', async ({ config, log, metrics, readiness, onShutdown, fail, serve }) => {
  const codec = await createCodec(config.schemaRegistryUrl, config.prefix);
  const stream = createLog(config.kafka, config.prefix, log, 'ingest', fail);
  // Neither waited for nor part of readiness: without MongoDB the doors for messages still do their work, the normalizer waits.
  const store = openStore(config.mongodbUri, config.databaseName);
  onShutdown(store.close);

  const ingest = createIngest({ config, codec, stream, store, metrics, log });
  onShutdown(ingest.close);
  readiness('log', ingest.problem);
  await serve(ingest.edge);

  const reader = await stream.read({
    group: 'ingest.normalizer',
    topics: ['tsp.inbound'],
    onRecords: ingest.normalize,
    // A round costs MongoDB five commands and a transaction, however few messages are in it; what is behind it keeps this pace.
    paceMs: 120,
  });
  onShutdown(reader.stop);
  ingest.follow(reader);
});
