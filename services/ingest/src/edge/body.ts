/** From the bytes of a request to text, and what kind of text it is. */

export type MediaKind = 'json' | 'xml';

/**
 * What the body is: by its media type, or, where that says nothing (absent, text/plain, a form: what clients send when nobody told them),
 * by its first character. Undefined for media types a door cannot take.
 */
export function mediaKind(contentType: string | undefined, body: Buffer): MediaKind | undefined {
  if (contentType === 'application/json') return 'json';
  const media = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (/^(?:application|text)\/(?:[\w.-]+\+)?json$/.test(media)) return 'json';
  if (/^(?:application|text)\/(?:[\w.-]+\+)?xml$/.test(media)) return 'xml';
  const silent = ['', 'text/plain', 'application/octet-stream', 'application/x-www-form-urlencoded'];
  if (!silent.includes(media)) return undefined;
  return firstCharacter(body) === '<' ? 'xml' : 'json';
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The body as text without a byte order mark; undefined when it is not UTF-8. */
export function textOf(body: Buffer): string | undefined {
  try {
    return utf8.decode(body);
  } catch {
    return undefined;
  }
}

function firstCharacter(body: Buffer): string {
  return body.subarray(0, 1024).toString('latin1').replace(/^ï»¿/, '').trimStart().charAt(0);
}
