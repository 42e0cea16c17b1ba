/**
 * An EHI GetTransaction message as the mapper sees it: plain text by field name, sensitive values sealed.
 * EHI in JSON leaves blank fields out, EHI in XML sends them empty, some blanks are one or two spaces: all of it is "absent" here.
 */
import type { ClockTime } from '../time.js';

export interface EhiMessage {
  /** Clear values by EHI's field names, all text. */
  readonly fields: Readonly<Record<string, string>>;
  /** Sensitive values by EHI's field names, each a JWE. */
  readonly sealed: Readonly<Record<string, string>>;
  /** When the edge received it, epoch ms UTC. */
  readonly receivedAt: number;
}

export interface EhiContext {
  /**
   * The instants (epoch ms UTC) at which clocks in the zone of EHI's local stamps show this time, earliest first:
   * none in the hour skipped in spring, two in the hour repeated in autumn, else one.
   */
  readonly localInstants: (local: ClockTime) => readonly number[];
}
