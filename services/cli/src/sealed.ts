/** Sealed values as people see them: `sealed(k1)`, with the id of the key, never the blob. */

const jwe = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/** A copy of `value` with every sealed value in it replaced by `sealed(<key id>)`, and bytes by their length. */
export function shownSealed(value: unknown): unknown {
  if (typeof value === 'string') return keyIdOf(value) === undefined ? value : `sealed(${keyIdOf(value)})`;
  if (Array.isArray(value)) return value.map(shownSealed);
  if (Buffer.isBuffer(value)) return `${value.length} bytes`;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, shownSealed(field)]));
}

/** Key id in the protected header of a compact JWE (RFC 7516); undefined when the text is none. */
function keyIdOf(text: string): string | undefined {
  if (!jwe.test(text)) return undefined;
  try {
    const header = JSON.parse(Buffer.from(text.slice(0, text.indexOf('.')), 'base64url').toString('utf8')) as object;
    const kid = (header as { kid?: unknown }).kid;
    return typeof kid === 'string' ? kid : undefined;
  } catch {
    return undefined;
  }
}
