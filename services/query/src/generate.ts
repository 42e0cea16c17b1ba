/** `npm run generate`: writes openapi.json, the checked-in description of the door. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createLogger, Registry } from '@tokenline/runtime';
import { createApp } from './app.js';
import { openApiText } from './openapi.js';

export const openApiPath = fileURLToPath(new URL('../openapi.json', import.meta.url));

/** The description as the code has it now; needs no database. */
export async function currentOpenApi(): Promise<string> {
  const app = await createApp({
    config: { mode: 'local', senders: [] },
    live: () => Promise.reject(new Error('Nothing is asked while the description is made.')),
    metrics: new Registry(),
    log: createLogger('query', 'silent'),
  });
  try {
    return await openApiText(app);
  } finally {
    await app.close();
  }
}

export async function writeOpenApi(): Promise<void> {
  writeFileSync(openApiPath, await currentOpenApi());
}
