/** The lifecycle service: token.facts in; token.lifecycle, token.state and lifecycle.store out, in one transaction a batch and partition. */
import { createCodec } from '@tokenline/contracts';
import { runService } from '@tokenline/runtime';
import { createSealer, parseKeySet } from '@tokenline/sealing';
import { createLog, undecodableLetters } from '@tokenline/streams';
import { lifecycleMetrics } from './metrics.js';
import { createPartition, type PutAside } from './partition.js';

await runService('lifecycle', async ({ config, log, metrics, readiness, onShutdown, fail, serve }) => {
  const codec = await createCodec(config.schemaRegistryUrl, config.prefix);
  const sealer = createSealer(parseKeySet(config.sealingKeys));
  const letterOf = undecodableLetters({ codec, sealer, stage: 'LIFECYCLE', now: Date.now });
  const { count, aside, watch } = lifecycleMetrics(metrics);
  const putAside: PutAside = (record, why, reason = 'UNDECODABLE') => {
    aside(reason);
    return letterOf(record, why, reason);
  };

  await serve();
  const processor = await createLog(config.kafka, config.prefix, log, 'lifecycle', fail).process({
    group: 'lifecycle',
    input: 'token.facts',
    changelog: 'lifecycle.store',
    stateDirectory: config.stateDirectory,
    open: (partition) => createPartition({ partition, codec, putAside, count }),
  });
  onShutdown(() => processor.stop());
  readiness('processor', () => processor.problem());
  watch(processor);
});
