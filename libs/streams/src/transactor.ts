/**
 * What an instance commits with: one transactional producer for all partitions it works on, one transaction after another.
 *
 *   open ── failure, or ended ──▶ over for good: whoever goes on takes a new one, under a new id
 *
 * Its transactionalId is used once. So whoever begins a transaction under that id takes it from its owner: the broker ends what it had left open, and
 * refuses its commits from then on. That is how the next owner of a partition fences the one before (processor.ts), dead or alive.
 *
 * After a failed commit kafkajs can neither abort nor begin again, so any failure is the end of the producer.
 */
import { randomUUID } from 'node:crypto';
import type { Kafka, Producer, Transaction } from 'kafkajs';
import { transactionRetry } from './client.js';
import { byKey } from './partitioner.js';
import { LogUnavailable } from './ports.js';

export interface Transactor {
  readonly id: string;
  /** Commits what `fill` puts into a transaction, and gives what it gave. What it throws, or the commit, is the end of the transactor. */
  readonly transact: <T>(fill: (transaction: Transaction) => Promise<T>) => Promise<T>;
  /** Ends what was left open under another's id, and keeps it from committing anything more. Once for each id. Gives whether it was the first time. */
  readonly fence: (id: string) => Promise<boolean>;
  readonly isOver: () => boolean;
  readonly end: () => void;
}

const transactionTimeoutMs = 10_000;

/** `client` gives the Kafka client for a role; ids begin with `stem`. `onEnd` is told once it is over, whatever ended it. */
export async function openTransactor(
  client: (role: string) => Kafka,
  stem: string,
  onEnd: (id: string) => void,
): Promise<Transactor> {
  const id = `${stem}-${randomUUID()}`;
  const producer = producerOf(client('producer'), id);
  const fenced = new Map<string, Promise<void>>();
  let last: Promise<unknown> = Promise.resolve();
  let over = false;

  const end = (): void => {
    if (over) return;
    over = true;
    void producer.disconnect().catch(() => undefined);
    onEnd(id);
  };
  const one = async <T>(fill: (transaction: Transaction) => Promise<T>): Promise<T> => {
    if (over) throw begunAnew();
    try {
      const transaction = await producer.transaction();
      const result = await fill(transaction);
      await transaction.commit();
      return result;
    } catch (error) {
      end();
      throw error;
    }
  };
  const endOther = async (other: string): Promise<void> => {
    const theirs = producerOf(client('fence'), other);
    try {
      await theirs.connect();
      await (await theirs.transaction()).abort();
    } finally {
      void theirs.disconnect().catch(() => undefined);
    }
  };

  try {
    await producer.connect();
  } catch (error) {
    end();
    throw error;
  }
  return {
    id,
    transact: (fill) => {
      const mine = last.then(() => one(fill));
      last = mine.catch(() => undefined);
      return mine;
    },
    fence: async (other) => {
      if (other === id) return false;
      const known = fenced.get(other);
      const ended = known ?? endOther(other);
      fenced.set(other, ended);
      ended.catch(() => fenced.delete(other));
      await ended;
      return known === undefined;
    },
    isOver: () => over,
    end,
  };
}

/** Why something cannot be committed any more: what it was to be committed with is over, and the next takes up where it stood. */
export function begunAnew(): Error {
  return new LogUnavailable('The transactions of this instance begin anew.');
}

function producerOf(client: Kafka, transactionalId: string): Producer {
  return client.producer({
    transactionalId,
    transactionTimeout: transactionTimeoutMs,
    idempotent: true,
    maxInFlightRequests: 2,
    allowAutoTopicCreation: false,
    createPartitioner: byKey,
    retry: transactionRetry,
  });
}
