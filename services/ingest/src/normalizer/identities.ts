/**
 * Identity over MongoDB: reads what is known of a batch's names, has the domain decide, writes the decision in one transaction.
 *
 * Names are inserted, never changed (`_id` is the name), and an identity is changed only from the state the decision saw. So of two instances
 * that decide about the same names at once one fails, reads again and decides anew: no name ends up with two tokens.
 */
import {
  type Identity,
  type IdentityChange,
  type IdentityDecision,
  type IdentityPlan,
  type IdentityView,
  identitiesOf,
  type Merge,
  type NamedMessage,
  namesOf,
  planIdentities,
  strongAliasKinds,
} from '@tokenline/domain';
import type { Collections, IdentityDoc, Store } from '@tokenline/store';
import { tokenIdOf } from '../ids.js';

export interface Identities {
  /** The token of each message, in order. Throws when MongoDB cannot be reached, or is so contended that no attempt came through. */
  readonly resolve: (messages: readonly NamedMessage[]) => Promise<readonly IdentityDecision[]>;
  /** Remembers that the facts of these merges are in the log. */
  readonly announced: (merges: readonly Merge[]) => Promise<void>;
}

export interface IdentitiesParts {
  readonly client: Store['client'];
  readonly aliases: Collections['aliases'];
  readonly identities: Collections['identities'];
  /** Called for each decision that had to be taken again. */
  readonly onRace: () => void;
  readonly now: () => number;
}

const mostAttempts = 10;

export function createIdentities(parts: IdentitiesParts): Identities {
  return {
    resolve: async (messages) => {
      if (messages.length === 0) return [];
      for (let attempt = 1; ; attempt++) {
        const plan = planIdentities(messages, await read(messages, parts), tokenIdOf);
        if (plan.aliases.size === 0 && plan.changes.length === 0) return plan.decisions;
        try {
          await write(plan, parts);
          return plan.decisions;
        } catch (error) {
          if (!isRace(error) || attempt === mostAttempts) throw error;
          parts.onRace();
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * attempt));
        }
      }
    },
    announced: async (merges) => {
      if (merges.length === 0) return;
      const younger = merges.map((merge) => merge.younger);
      await parts.identities.updateMany({ _id: { $in: younger } }, { $set: { mergeAnnounced: true } });
    },
  };
}

async function read(
  messages: readonly NamedMessage[],
  { aliases, identities }: IdentitiesParts,
): Promise<IdentityView> {
  const names = await aliases.find({ _id: { $in: [...namesOf(messages)] } }).toArray();
  const tokenOf = new Map(names.map((doc) => [doc._id, doc.tokenId]));
  const found = new Map<string, Identity>();
  // One round, and one more for each length of a chain of merges.
  let wanted = [...identitiesOf(messages, tokenOf, tokenIdOf)];
  while (wanted.length > 0) {
    const docs = await identities.find({ _id: { $in: wanted } }).toArray();
    for (const doc of docs) found.set(doc._id, identityOf(doc));
    wanted = docs.flatMap(({ mergedInto }) => (mergedInto === undefined || found.has(mergedInto) ? [] : [mergedInto]));
  }
  return { tokenOf, identities: found };
}

function identityOf({ _id, createdAt, strong, mergedInto, mergeAnnounced }: IdentityDoc): Identity {
  return { tokenId: _id, createdAt: createdAt.getTime(), strong, mergedInto, mergeAnnounced };
}

/** The decision rested on something that has changed meanwhile. */
class RaceLost extends Error {
  override readonly name = 'RaceLost';
}

async function write(plan: IdentityPlan, { client, aliases, identities, now }: IdentitiesParts): Promise<void> {
  const at = new Date(now());
  const session = client.startSession();
  try {
    session.startTransaction();
    if (plan.changes.length > 0) {
      // Each is of another token, so their order says nothing; the driver makes a command of each run of the same kind.
      const newFirst = plan.changes.toSorted((a, b) => Number(a.before !== undefined) - Number(b.before !== undefined));
      const result = await identities.bulkWrite(newFirst.map(operation), { session });
      if (result.insertedCount + result.matchedCount !== plan.changes.length)
        throw new RaceLost('An identity has changed.');
    }
    const docs = [...plan.aliases].map(([_id, tokenId]) => ({ _id, tokenId, at }));
    if (docs.length > 0) await aliases.insertMany(docs, { session });
    await session.commitTransaction();
  } catch (error) {
    if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
    throw error;
  } finally {
    await session.endSession();
  }
}

function operation({ before, after }: IdentityChange) {
  const state = { strong: after.strong, ...(after.mergedInto !== undefined && { mergedInto: after.mergedInto }) };
  if (before === undefined) {
    return { insertOne: { document: { _id: after.tokenId, createdAt: new Date(after.createdAt), ...state } } };
  }
  const unchanged = Object.fromEntries(
    strongAliasKinds.map((kind) => [`strong.${kind}`, before.strong[kind] ?? { $exists: false }]),
  );
  return {
    updateOne: {
      filter: { _id: after.tokenId, mergedInto: { $exists: false }, ...unchanged },
      update: { $set: state },
    },
  };
}

/** Duplicate name, concurrent transaction, or a commit whose outcome is not known: reading again tells. */
function isRace(error: unknown): boolean {
  if (error instanceof RaceLost) return true;
  const { code, hasErrorLabel } = error as { code?: unknown; hasErrorLabel?: (label: string) => boolean };
  if (code === 11_000 || code === 112) return true;
  const labelled = (label: string): boolean => hasErrorLabel?.call(error, label) === true;
  return labelled('TransientTransactionError') || labelled('UnknownTransactionCommitResult');
}
