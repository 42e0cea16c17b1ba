/** The parts of ingest put together: the same for the service and for tests on real servers. */
import type { Codec } from '@tokenline/contracts';
import { createMappers } from '@tokenline/domain';
import { parseMdesKeys, parseVtsKeys } from '@tokenline/envelopes';
import { type Config, type Logger, type Registry, zoneContext } from '@tokenline/runtime';
import { createSealer, parseKeySet } from '@tokenline/sealing';
import { collections, createRegistry, createVault, type Store } from '@tokenline/store';
import { type Log, undecodableLetters } from '@tokenline/streams';
import { configuredPolicy, parsePolicy, safePolicy } from './decision/policy.js';
import { createCardholdersDoor } from './edge/cardholders-door.js';
import { writeWithin } from './edge/durable.js';
import { createEhiDoor } from './edge/ehi-door.js';
import { createFactsDoor } from './edge/facts-door.js';
import { createMdesDoor } from './edge/mdes-door.js';
import { redrive } from './edge/redrive.js';
import { createEdge } from './edge/server.js';
import { createVtsDoor } from './edge/vts-door.js';
import { createMeters } from './meters.js';
import { createIdentities } from './normalizer/identities.js';
import { createNormalizer } from './normalizer/normalizer.js';

export interface IngestParts {
  readonly config: Pick<
    Config,
    'mode' | 'senders' | 'tls' | 'sealingKeys' | 'ehiTimeZone' | 'mdesKeys' | 'vtsKeys' | 'decisionPolicy'
  >;
  readonly codec: Codec;
  readonly stream: Pick<Log, 'writer'>;
  readonly store: Store;
  readonly metrics: Registry;
  readonly log: Logger;
}

/** Longest a sender waits for the log before it is told to come again. */
const edgeWriteMs = 2_000;

export function createIngest({ config, codec, stream, store, metrics, log }: IngestParts) {
  const sealer = createSealer(parseKeySet(config.sealingKeys));
  const { aliases, identities, cardholders, activationCodes } = collections(store.db);
  const context = zoneContext(config.ehiTimeZone);
  const meters = createMeters(metrics);
  const now = Date.now;

  const edgeWriter = stream.writer({ timeoutMs: edgeWriteMs });
  const write = writeWithin(edgeWriter, edgeWriteMs);
  const ehi = createEhiDoor({ codec, sealer, context, write });
  const facts = createFactsDoor({ codec, sealer, write });
  const directory = createCardholdersDoor({ sealer, cardholders });
  const decisions = configuredPolicy(
    config.decisionPolicy === undefined ? safePolicy : parsePolicy(config.decisionPolicy),
  );
  const mdesKeys = config.mdesKeys === undefined ? undefined : parseMdesKeys(config.mdesKeys);
  const mdes = createMdesDoor({ codec, sealer, keys: mdesKeys, decisions, cardholders, write });
  const vtsKeys = config.vtsKeys === undefined ? undefined : parseVtsKeys(config.vtsKeys);
  const vts = createVtsDoor({ codec, sealer, keys: vtsKeys, decisions, cardholders, write });
  const redriveParts = {
    codec,
    sealer,
    live: createRegistry(store.db).live,
    doors: [ehi, mdes, vts, facts, directory],
    write,
    now,
  };
  const edge = createEdge({
    config,
    doors: [
      { method: 'POST', path: '/v1/inbound/thredd/ehi', name: 'thredd/ehi', door: ehi },
      { method: 'POST', path: '/v1/inbound/mdes/*', name: 'mdes', door: mdes },
      { method: 'POST', path: '/v1/inbound/vts/*', name: 'vts', door: vts },
      { method: 'POST', path: '/v1/facts', name: 'facts', door: facts },
      { method: 'PUT', path: '/v1/cardholders', name: 'cardholders', door: directory },
    ],
    redrive: (request) => redrive(request, redriveParts),
    codec,
    sealer,
    write,
    meters,
    log,
    now,
  });

  const writer = stream.writer();
  const normalize = createNormalizer({
    codec,
    mappers: createMappers(context),
    identities: createIdentities({ client: store.client, aliases, identities, onRace: meters.identityRace, now }),
    vault: createVault(activationCodes),
    putAside: undecodableLetters({ codec, sealer, stage: 'NORMALIZER', now }),
    writer,
    meters,
    log,
    now,
  });
  return {
    /** The doors, not yet listening. */
    edge,
    /** Undefined while the doors can take messages, else what is wrong. */
    problem: edgeWriter.problem,
    /** What the reader of tsp.inbound hands its batches to. */
    normalize,
    follow: meters.follow,
    close: async (): Promise<void> => {
      await Promise.all([edgeWriter.close(), writer.close()]);
    },
  };
}
