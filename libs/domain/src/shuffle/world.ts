/**
 * The whole pure core in memory: what ingest, lifecycle, projector and notifier do to messages, without Kafka and MongoDB.
 *
 *   message ─ map ─ identity ─▶ a queue of facts for each token ─ decide ─▶ events ─▶ read models, notices
 *                                        ▲                          │
 *                                        └── facts of merged tokens ┘
 *
 * What each stage promises is kept, and no more: the facts of one token keep their order, those of different tokens do not (each token is a
 * partition of its own), and the queues run behind the messages by as much as chance wants. A repeat is received at a later time than the
 * first copy, as in life.
 */
import type { FactDraft, Mapping } from '../facts/draft.js';
import { absorptionFact, mergeFact } from '../identity/merge-fact.js';
import { type Identity, planIdentities } from '../identity/resolve.js';
import { createFactLog, type Downstream } from './fact-log.js';
import type { Chance } from './random.js';

/** A message as a source sent it. */
export interface PlayedMessage {
  /** What the mapper makes of it when it is received at `receivedAt`, epoch ms. */
  readonly read: (receivedAt: number) => Mapping;
}

/** The same message mapped only once, since it is played many times: a mapper does nothing with the time of receipt but pass it on. */
export function mappedOnce(read: PlayedMessage['read']): PlayedMessage['read'] {
  let mapping: Mapping | undefined;
  return (receivedAt) => {
    mapping ??= read(receivedAt);
    return mapping.ok ? { ok: true, facts: mapping.facts.map((fact) => ({ ...fact, receivedAt })) } : mapping;
  };
}

/** Everything there is after the last message. */
export interface World extends Downstream {
  /** Messages refused by their mapper, by place in the list played. */
  readonly rejected: ReadonlySet<number>;
  /** Whether names contradicted each other. */
  readonly contested: boolean;
}

/** When the first message is received; only the order of these times matters. */
const firstReceipt = Date.UTC(2031, 0, 1);

/**
 * Plays messages in the order given by their places; a place may come more than once. Without `chance` every fact is folded before the next
 * message is received.
 */
export function play(messages: readonly PlayedMessage[], order: readonly number[], chance?: Chance): World {
  const aliases = new Map<string, string>();
  const identities = new Map<string, Identity>();
  const rejected = new Set<number>();
  const log = createFactLog();
  let contested = false;

  const receive = (draft: FactDraft): void => {
    const named = { aliases: draft.aliases, tokenId: draft.tokenId, at: draft.receivedAt };
    const plan = planIdentities([named], { tokenOf: aliases, identities }, (key) => key);
    for (const [key, tokenId] of plan.aliases) aliases.set(key, tokenId);
    for (const { after } of plan.changes) identities.set(after.tokenId, after);
    for (const { tokenId, merges, conflicts } of plan.decisions) {
      for (const merge of merges) {
        log.append(absorptionFact(merge, draft));
        log.append(mergeFact(merge, draft));
      }
      log.append({ ...draft, tokenId });
      contested ||= conflicts.length > 0;
      for (const { younger } of merges) {
        // Now and then the normalizer dies between writing the facts and noting that it has: the merge is announced again.
        if (chance?.happens(20)) continue;
        identities.set(younger, { ...(identities.get(younger) as Identity), mergeAnnounced: true });
      }
    }
  };

  order.forEach((place, position) => {
    const mapping = (messages[place] as PlayedMessage).read(firstReceipt + position * 1_000);
    if (mapping.ok) for (const draft of mapping.facts) receive(draft);
    else rejected.add(place);
    while (log.waiting() > 0 && !chance?.happens(40)) log.foldNext(chance);
  });
  while (log.waiting() > 0) log.foldNext(chance);
  return { ...log, rejected, contested };
}
