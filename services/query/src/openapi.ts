/** The OpenAPI document: what heads it, and its text as checked in (services/query/openapi.json). */
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';

export const openApi: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Tokenline query door',
      version: '1',
      description:
        'The read side of Tokenline: payment tokens, what happened to them, notices to cardholders, dead letters and reports. ' +
        'Times are ISO 8601 UTC with milliseconds. Absent values are left out. Errors are application/problem+json (RFC 9457).',
    },
    tags: [
      { name: 'tokens', description: 'Tokens and their timelines.' },
      { name: 'notices', description: 'Notices to cardholders.' },
      { name: 'dead letters', description: 'What could not be processed.' },
      { name: 'reports', description: 'Counts and durations.' },
    ],
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'Not needed from loopback in local mode.' },
      },
    },
    security: [{ apiKey: [] }],
  },
  refResolver: { buildLocalReference: (json, _base, _fragment, i) => String(json.$id ?? `schema-${i}`) },
};

/** The document's text. `app` may be built without a database. */
export async function openApiText(app: FastifyInstance): Promise<string> {
  await app.ready();
  return `${JSON.stringify(app.swagger(), null, 2)}\n`;
}
