/**
 * Stands for a release of the mapper that knows one creator more: preloaded into the ingest service (NODE_OPTIONS=--import), it changes the
 * text of libs/domain's vocabulary as it is loaded. VISA-NEXT then means what VISA-T means.
 */
import { register } from 'node:module';

const hooks = `
  export async function load(url, context, next) {
    const loaded = await next(url, context);
    if (!url.endsWith('/libs/domain/dist/ehi/vocabulary.js')) return loaded;
    const text = String(loaded.source);
    const fixed = text.replace("'VISA-T': 'VTS'", "'VISA-NEXT': 'VTS', 'VISA-T': 'VTS'");
    if (fixed === text) throw new Error('The mapper fix found nothing to fix.');
    return { ...loaded, source: fixed };
  }
`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
