/**
 * A repair of the mongodb driver, up to 7.9.0; its test fails without it, and when it passes without, the repair goes.
 *
 * A command is written, and where the socket does not take it at once the driver waits for `drain` or `error`. A socket that was ended by a dead
 * server is destroyed one turn of the event loop before it says `close`: a command written in that turn, or still waiting then, sees neither
 * event, and whoever asked waits for ever. No option bounds this wait: the socket's own timer does not run on a destroyed socket.
 */
import { createRequire } from 'node:module';
import { MongoNetworkError } from 'mongodb';

interface Connection {
  readonly id: number | string;
  readonly address: string;
  /** What it was closed for. */
  readonly error: Error | null;
  once(event: 'close', listener: () => void): void;
  off(event: 'close', listener: () => void): void;
}

type WriteCommand = (this: Connection, ...given: unknown[]) => Promise<void>;

/** A write ends with its connection. */
export function patchMongodb(): void {
  const { prototype } = (
    createRequire(import.meta.url)('mongodb/lib/cmap/connection') as {
      Connection: { prototype: { writeCommand: WriteCommand } };
    }
  ).Connection;
  const { writeCommand } = prototype;
  prototype.writeCommand = function written(...given) {
    return new Promise((resolve, reject) => {
      const closed = (): void =>
        reject(this.error ?? new MongoNetworkError(`connection ${this.id} to ${this.address} closed`));
      this.once('close', closed);
      writeCommand
        .apply(this, given)
        .then(resolve, reject)
        .finally(() => this.off('close', closed));
    });
  };
}
