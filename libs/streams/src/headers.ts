/** CloudEvents attributes of a record, Kafka binding, binary mode: for routing, tracing and tools. What the domain needs is in the value. */

export interface EventAttributes {
  readonly id: string;
  /** Full record name. */
  readonly type: string;
  /** The service that writes it, for example `lifecycle`. */
  readonly source: string;
  /** When it happened, epoch milliseconds UTC. */
  readonly time: number;
  /** What it is about: the tokenId where there is one. */
  readonly subject?: string | undefined;
  /** W3C trace context, passed on when it came in. */
  readonly traceparent?: string | undefined;
}

export function eventHeaders(event: EventAttributes): Record<string, string> {
  const headers: Record<string, string> = {
    ce_specversion: '1.0',
    ce_id: event.id,
    ce_type: event.type,
    ce_source: `/tokenline/${event.source}`,
    ce_time: isoOf(event.time),
    // A registry-framed value is not plain Avro, and says so.
    'content-type': 'application/vnd.confluent.avro',
  };
  if (event.subject !== undefined) headers.ce_subject = event.subject;
  if (event.traceparent !== undefined) headers.traceparent = event.traceparent;
  return headers;
}

/** Many records of a lot are of the same millisecond. */
let latest = { time: 0, text: new Date(0).toISOString() };

function isoOf(time: number): string {
  if (time !== latest.time) latest = { time, text: new Date(time).toISOString() };
  return latest.text;
}
