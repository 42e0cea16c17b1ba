/** The repair of the driver, on a real MongoDB: what happens to a command whose connection dies in the very turn it is written. */
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { connectStore, type Store } from './connect.js';

interface Connection {
  readonly socket: Socket;
}
type Command = (this: Connection, ns: unknown, command: object, ...rest: unknown[]) => Promise<unknown>;

const { prototype } = (
  createRequire(import.meta.url)('mongodb/lib/cmap/connection') as {
    Connection: { prototype: { command: Command } };
  }
).Connection;

let store: Store;
beforeAll(async () => {
  store = await connectStore(process.env.TOKENLINE_MONGODB_URI as string, `patches-${randomUUID().slice(0, 8)}`);
});
afterEach(() => void vi.restoreAllMocks());
afterAll(async () => {
  await store?.db.dropDatabase();
  await store?.close();
});

/** Has `fault` befall the connection of the next insert, just before it is written. */
function atNextInsert(fault: (connection: Connection) => void): void {
  const { command } = prototype;
  let done = false;
  vi.spyOn(prototype, 'command').mockImplementation(function (this: Connection, ns, given, ...rest) {
    if ('insert' in given && !done) {
      done = true;
      fault(this);
    }
    return command.call(this, ns, given, ...rest);
  });
}

it('does a write again whose socket was ended, and has not said so yet', async () => {
  const things = store.db.collection<{ _id: string }>('things');
  atNextInsert(({ socket }) => void socket.destroy());
  await things.insertOne({ _id: 'ended' });
  expect(await things.countDocuments({ _id: 'ended' })).toBe(1);
});

it('does a write again whose socket took part of it, and was ended without an error', async () => {
  const things = store.db.collection<{ _id: string }>('things');
  atNextInsert(({ socket }) => {
    vi.spyOn(socket, 'write').mockImplementation(() => {
      setImmediate(() => socket.destroy());
      return false;
    });
  });
  await things.insertOne({ _id: 'cut' });
  expect(await things.countDocuments({ _id: 'cut' })).toBe(1);
});
