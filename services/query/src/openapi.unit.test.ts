import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { currentOpenApi, openApiPath } from './generate.js';

interface Operation {
  readonly operationId?: string;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

describe('openapi.json', () => {
  it('is what the routes say now (`npm run generate` writes it)', async () => {
    expect(readFileSync(openApiPath, 'utf8')).toBe(await currentOpenApi());
  });

  it('describes every address of the contract, and nothing of the process', () => {
    const { paths } = JSON.parse(readFileSync(openApiPath, 'utf8')) as { paths: Record<string, unknown> };
    expect(Object.keys(paths).sort()).toEqual([
      '/v1/dead-letters',
      '/v1/dead-letters/{deadLetterId}',
      '/v1/notices',
      '/v1/reports/completion-notices',
      '/v1/reports/funnel',
      '/v1/summary',
      '/v1/tokens',
      '/v1/tokens/{tokenId}',
      '/v1/tokens/{tokenId}/timeline',
    ]);
  });

  it('resolves every reference inside the document, and names every operation', () => {
    const text = readFileSync(openApiPath, 'utf8');
    const document = JSON.parse(text) as {
      components: { schemas: Record<string, unknown> };
      paths: Record<string, { get: Operation }>;
    };
    for (const [, name] of text.matchAll(/"\$ref": "#\/components\/schemas\/([^"]+)"/g)) {
      expect(document.components.schemas).toHaveProperty(name as string);
    }
    expect(text).not.toMatch(/"\$ref": "(?!#\/components\/schemas\/)/);
    for (const { get } of Object.values(document.paths)) {
      expect(get.operationId).toBeDefined();
      for (const [status, { content }] of Object.entries(get.responses)) {
        expect(Object.keys(content ?? {})).toEqual([
          status === '200' ? 'application/json' : 'application/problem+json',
        ]);
      }
    }
  });
});
