/** Registering the contracts: the deploy step that gives every record its subject, FULL_TRANSITIVE from the first version on. */
import { recordNames, schemaText, subjectOf } from './codec.js';

export interface Registered {
  readonly subject: string;
  readonly id: number;
}

/** The registry refused a schema: an incompatible change, or a rule it enforces. */
export class SchemaRefused extends Error {
  override readonly name = 'SchemaRefused';
}

/**
 * Registers every record's schema under its subject and returns the ids. Repeating it changes nothing.
 * Throws SchemaRefused with the registry's own words when a schema is not compatible with every earlier version.
 */
export async function registerSchemas(url: string, prefix: string): Promise<readonly Registered[]> {
  const done: Registered[] = [];
  for (const name of recordNames) {
    const subject = subjectOf(name, prefix);
    await call(url, 'PUT', `/config/${encodeURIComponent(subject)}`, { compatibility: 'FULL_TRANSITIVE' }, subject);
    const { id } = await call<{ id: number }>(
      url,
      'POST',
      `/subjects/${encodeURIComponent(subject)}/versions`,
      { schemaType: 'AVRO', schema: schemaText(name) },
      subject,
    );
    done.push({ subject, id });
  }
  return done;
}

async function call<T>(url: string, method: string, path: string, body: unknown, subject: string): Promise<T> {
  const response = await fetch(`${url.replace(/\/$/, '')}${path}`, {
    method,
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(15_000),
  });
  const text = await response.text();
  if (response.ok) return JSON.parse(text) as T;
  if (response.status === 409 || response.status === 422)
    throw new SchemaRefused(`The registry refused ${subject}: ${text}`);
  throw new Error(`The registry answered ${response.status} for ${subject}: ${text}`);
}
