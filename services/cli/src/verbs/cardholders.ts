import { openDoor } from '../door.js';
import { readInput } from '../input.js';
import type { Io } from '../io.js';
import { printJson } from '../io.js';
import { messagesOf } from '../messages.js';

/** Most entries in one request: far below the door's 256 KiB. */
const batchSize = 200;

/** Loads a file of cardholders (JSON, JSON array or NDJSON, the contract's shape) through the ingest door. */
export async function loadCardholders(io: Io, file: string, json: boolean): Promise<void> {
  const entries = messagesOf(await readInput(io, file));
  const door = openDoor('ingest', io.env);
  let stored = 0;
  for (let at = 0; at < entries.length; at += batchSize) {
    const batch = entries.slice(at, at + batchSize).map((entry) => entry.text);
    const answer = await door.json<{ stored: number }>('/v1/cardholders', {
      method: 'PUT',
      body: `[${batch.join(',')}]`,
    });
    stored += answer.stored;
  }
  if (json) return printJson(io, { stored });
  io.out(`Stored ${stored} of ${entries.length} cardholder entries.`);
}
