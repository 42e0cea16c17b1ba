/**
 * The lifecycle service: token.facts in; token.lifecycle, token.state and lifecycle.store out, in one transaction a batch and partition.
 * Beside it the scheduler, which states in token.facts what deadlines have passed.
 */
import { createCodec } from '@tokenline/contracts';
import { deadlineRulesOf, noticeRules } from '@tokenline/domain';
import { runService } from '@tokenline/runtime';
import { createSealer, parseKeySet } from '@tokenline/sealing';
import { createLog, undecodableLetters } from '@tokenline/streams';
import { lifecycleMetrics } from './metrics.js';
import { createPartition, deadlineHeader, type PutAside } from './partition.js';
import { startScheduler } from './scheduler.js';

await runService('lifecycle', async ({ config, log, metrics, readiness, onShutdown, fail, serve }) => {
  const rules = deadlineRulesOf(noticeRules(config.noticePolicy));
  const codec = await createCodec(config.schemaRegistryUrl, config.prefix);
  const sealer = createSealer(parseKeySet(config.sealingKeys));
  const letterOf = undecodableLetters({ codec, sealer, stage: 'LIFECYCLE', now: Date.now });
  const { count, aside, watch, fired } = lifecycleMetrics(metrics);
  const putAside: PutAside = (record, why, reason = 'UNDECODABLE') => {
    aside(reason);
    return letterOf(record, why, reason);
  };

  await serve();
  const kafka = createLog(config.kafka, config.prefix, log, 'lifecycle', fail);
  const processor = await kafka.process({
    group: 'lifecycle',
    input: 'token.facts',
    changelog: 'lifecycle.store',
    stateDirectory: config.stateDirectory,
    dueHeader: deadlineHeader,
    open: (partition) => createPartition({ partition, codec, putAside, count, rules }),
  });
  onShutdown(() => processor.stop());
  readiness('processor', () => processor.problem());

  const writer = kafka.writer();
  onShutdown(() => writer.close());
  const scheduler = startScheduler({ processor, writer, codec, rules, log, now: Date.now, fired });
  onShutdown(() => scheduler.stop());
  readiness('deadlines', () => scheduler.problem());
  watch(processor, scheduler.waiting, () => processor.open().reduce((sum, { store }) => sum + store.unwritten(), 0));
});
