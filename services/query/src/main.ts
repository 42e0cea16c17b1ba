/** The query door: MongoDB read models → HTTP for analysts and tools. Only reads. */
import { runService } from '@tokenline/runtime';
import { connectStore, createRegistry } from '@tokenline/store';
import { createApp } from './app.js';

await runService('query', async ({ config, log, metrics, readiness, onShutdown, serve }) => {
  const store = await connectStore(config.mongodbUri, config.databaseName);
  onShutdown(store.close);
  readiness('mongodb', store.problem);
  const app = await createApp({ config, live: createRegistry(store.db).live, metrics, log });
  log.info({ url: await serve(app) }, 'Listening');
});
