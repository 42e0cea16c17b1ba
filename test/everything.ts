/** Everything of a system that lasts: topics, collections, logs and other files, metrics, and what the query door answers, by place. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { topicNames } from '@tokenline/contracts';
import { serviceNames } from '@tokenline/runtime';
import { connectStore } from '@tokenline/store';
import { readDecoded, readTopic } from './log-reading.js';
import type { Notice, System, Token } from './system.js';

/** For searching, not for reading: a place's content is its bytes, or text of all it holds. */
export async function everythingOf(system: System): Promise<Map<string, Buffer | string>> {
  const places = await lastingOf(system);
  const tokens = await system.askAll<Token>('/v1/tokens?limit=500');
  const timelines = await Promise.all(tokens.map(({ tokenId }) => system.ask(`/v1/tokens/${tokenId}/timeline`)));
  const letters = await system.askAll<{ deadLetterId: string }>('/v1/dead-letters');
  const details = await Promise.all(letters.map(({ deadLetterId }) => system.ask(`/v1/dead-letters/${deadLetterId}`)));
  const notices = await system.askAll<Notice>('/v1/notices?limit=500');
  places.set('answers of the query door', JSON.stringify({ tokens, timelines, details, notices }));
  return places;
}

/** The same without asking the query door. */
export async function lastingOf(system: System): Promise<Map<string, Buffer | string>> {
  const places = new Map<string, Buffer | string>();
  for (const topic of topicNames) {
    const records = await readTopic(system, topic);
    const parts = records.flatMap(({ key, value, headers }) => [
      Buffer.from(key),
      value ?? Buffer.alloc(0),
      Buffer.from(JSON.stringify(headers)),
    ]);
    places.set(`topic ${topic}`, Buffer.concat(parts.flatMap((part) => [part, Buffer.from('\n')])));
    places.set(`topic ${topic}, decoded`, JSON.stringify(await readDecoded(system, topic)));
  }
  const store = await connectStore(system.config.mongodbUri, system.config.databaseName);
  for (const { name } of await store.db.listCollections().toArray()) {
    const docs = await store.db.collection(name).find().toArray();
    places.set(
      `collection ${name}`,
      JSON.stringify(docs, (_key, value) => (typeof value === 'bigint' ? String(value) : value)),
    );
  }
  await store.close();
  for (const folder of [system.home, process.env.TOKENLINE_TEST_STACK_LOGS]) {
    if (folder !== undefined) for (const [name, bytes] of filesBelow(folder)) places.set(`file ${name}`, bytes);
  }
  for (const service of serviceNames) {
    places.set(`metrics of ${service}`, (await system.send('GET', `${system.urls[service]}/metrics`)).text);
  }
  return places;
}

function filesBelow(folder: string): [name: string, bytes: Buffer][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .map((path) => [path.slice(folder.length + 1), readFileSync(path)]);
}
