/** Captured EHI messages as the pure core reads them: every value as the text it was sent as, no door and no seal in between. */
import { mapEhi, mappedOnce, type PlayedMessage } from '@tokenline/domain';
import { zoneContext } from '@tokenline/runtime';
import { CliError } from './errors.js';
import { messagesOf } from './messages.js';

/** The messages of a capture: JSON, JSON array or NDJSON. `zone` is that of EHI's local stamps. Throws CliError at what is no flat JSON object. */
export function capturedMessages(text: string, zone: string): readonly PlayedMessage[] {
  const context = zoneContext(zone);
  return messagesOf(text).map((message, i) => {
    const fields = message.contentType === 'application/json' ? flatFields(message.text) : undefined;
    if (fields === undefined) throw new CliError(`Message ${i + 1} is not a flat JSON object.`);
    return { read: mappedOnce((receivedAt) => mapEhi({ fields, sealed: {}, receivedAt }, context)) };
  });
}

/** The fields of a flat object, numbers with the digits they were written with; undefined when it is none. */
function flatFields(text: string): Readonly<Record<string, string>> | undefined {
  const numbersAsText = text.replaceAll(/("(?:[^"\\]|\\.)*")|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (found, string) =>
    string === undefined ? `"${found}"` : found,
  );
  let value: unknown;
  try {
    value = JSON.parse(numbersAsText);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const fields = Object.entries(value).filter(([, field]) => field !== null);
  return fields.some(([, field]) => typeof field === 'object')
    ? undefined
    : Object.fromEntries(fields.map(([name, field]) => [name, String(field)]));
}
