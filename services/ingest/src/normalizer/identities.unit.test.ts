import type { NamedMessage } from '@tokenline/domain';
import { expect, it } from 'vitest';
import { tokenIdOf } from '../ids.js';
import { createIdentities, type IdentitiesParts } from './identities.js';

const weak = (n: number) => ({ kind: 'lifecycleTraceId', value: `1${n}` });
const strong = (n: number) => ({ kind: 'tokenReferenceId', value: `REF${n}` });
const tokenOf = (n: number) => tokenIdOf(`lifecycleTraceId:1${n}`);

/** A database that knows the tokens of `known` by their weak names, and keeps the kinds of operation of each bulk. */
function storeOf(known: readonly number[], bulks: string[][]): IdentitiesParts {
  const found = (docs: readonly object[]) => ({ find: () => ({ toArray: async () => docs }) });
  const session = {
    startTransaction: () => undefined,
    commitTransaction: async () => undefined,
    inTransaction: () => false,
    endSession: async () => undefined,
  };
  const bulkWrite = async (operations: readonly object[]) => {
    bulks.push(operations.flatMap((operation) => Object.keys(operation)));
    return { insertedCount: operations.length, matchedCount: 0 };
  };
  return {
    client: { startSession: () => session },
    aliases: {
      ...found(known.map((n) => ({ _id: `lifecycleTraceId:1${n}`, tokenId: tokenOf(n) }))),
      insertMany: async () => undefined,
    },
    identities: {
      ...found(known.map((n) => ({ _id: tokenOf(n), createdAt: new Date(0), strong: {} }))),
      bulkWrite,
    },
    onRace: () => undefined,
    now: () => 0,
  } as unknown as IdentitiesParts;
}

it('new tokens and known ones are written apart, however a batch mixes them: the driver makes a command of each run of one kind', async () => {
  const bulks: string[][] = [];
  const messages: NamedMessage[] = [0, 1, 2, 3, 4, 5].map((n) => ({ aliases: [strong(n), weak(n)], at: n }));
  const decisions = await createIdentities(storeOf([1, 3, 5], bulks)).resolve(messages);
  expect(bulks).toEqual([['insertOne', 'insertOne', 'insertOne', 'updateOne', 'updateOne', 'updateOne']]);
  expect(decisions.map(({ tokenId }) => tokenId)).toEqual(
    messages.map((_, n) => (n % 2 === 1 ? tokenOf(n) : tokenIdOf(`tokenReferenceId:REF${n}`))),
  );
});
