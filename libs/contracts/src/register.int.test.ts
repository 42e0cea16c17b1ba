/** Registering the contracts on the real registry, and what it refuses. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { recordNames, subjectOf } from './codec.js';
import { registerSchemas, SchemaRefused } from './register.js';

const url = process.env.TOKENLINE_SCHEMA_REGISTRY_URL as string;
const fresh = () => `reg-${randomUUID().slice(0, 8)}-`;

async function registry<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  expect(response.ok, `${method} ${path}: ${response.status}`).toBe(true);
  return (await response.json()) as T;
}

const versionsOf = (subject: string) => registry<number[]>('GET', `/subjects/${subject}/versions`);

describe('registering', () => {
  it('gives every record a subject of its own under FULL_TRANSITIVE, and changes nothing when repeated', async () => {
    const prefix = fresh();
    const first = await registerSchemas(url, prefix);
    expect(first.map((r) => r.subject)).toEqual(recordNames.map((name) => subjectOf(name, prefix)));
    expect(await registerSchemas(url, prefix)).toEqual(first);
    for (const { subject } of first) {
      expect(await versionsOf(subject)).toEqual([1]);
      const { compatibilityLevel } = await registry<{ compatibilityLevel: string }>('GET', `/config/${subject}`);
      expect(compatibilityLevel).toBe('FULL_TRANSITIVE');
    }
  });

  it('refuses a schema that does not get on with an earlier version, naming the subject', async () => {
    const prefix = fresh();
    const subject = subjectOf('tokenline.cardholder.DeliveryReceipt', prefix);
    const earlier = {
      type: 'record',
      namespace: 'tokenline.cardholder',
      name: 'DeliveryReceipt',
      fields: [{ name: 'receiptId', type: 'int' }],
    };
    await registry('POST', `/subjects/${subject}/versions`, { schemaType: 'AVRO', schema: JSON.stringify(earlier) });
    const attempt = registerSchemas(url, prefix);
    await expect(attempt).rejects.toThrow(SchemaRefused);
    await expect(attempt).rejects.toThrow(subject);
    expect(await versionsOf(subject)).toEqual([1]);
  });

  it('fails with the status, and not as a refusal, when the registry is not what answers', async () => {
    await expect(registerSchemas(`${url}/nowhere`, fresh())).rejects.not.toThrow(SchemaRefused);
  });
});
