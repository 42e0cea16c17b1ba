/**
 * What a service does not start with, because it would leave a door more open than it may be:
 *
 *   outside local mode               no sender configured
 *   outside local mode, not loopback TLS neither here nor, so it is said, before us
 *   local mode, not loopback         no sender configured
 *   anywhere                         senders with certificates that nothing could verify
 */
import { isLoopback } from './addresses.js';
import type { Sender } from './senders.js';

export interface Opening {
  readonly mode: 'local' | 'production';
  readonly host: string;
  readonly senders: readonly Sender[];
  /** TOKENLINE_TLS as it is set: `terminated`, where a proxy before us speaks TLS. */
  readonly tls: string | undefined;
}

/** A sentence for each thing that would be too open. `isSet` tells whether a variable has a value, usable or not. */
export function openings({ mode, host, senders, tls }: Opening, isSet: (name: string) => boolean): readonly string[] {
  const problems: string[] = [];
  const beyond = !isLoopback(host);
  const elsewhere = tls === 'terminated';
  if (senders.length === 0 && mode !== 'local') {
    problems.push('TOKENLINE_SENDERS and TOKENLINE_API_KEYS name no sender: outside local mode the doors need one.');
  } else if (senders.length === 0 && beyond) {
    problems.push(
      `TOKENLINE_HOST is '${host}': a door open beyond loopback needs TOKENLINE_SENDERS or TOKENLINE_API_KEYS.`,
    );
  }
  if (tls !== undefined && !elsewhere) problems.push(`TOKENLINE_TLS is '${tls}': it can only be 'terminated'.`);
  if (elsewhere && isSet('TOKENLINE_TLS_CERT')) {
    problems.push("TOKENLINE_TLS is 'terminated': TLS ends before us then, without TOKENLINE_TLS_CERT.");
  }
  if (mode !== 'local' && beyond && !elsewhere && !isSet('TOKENLINE_TLS_CERT')) {
    problems.push(
      `TOKENLINE_HOST is '${host}': a door open beyond loopback needs TOKENLINE_TLS_CERT, or TOKENLINE_TLS=terminated where a proxy before it speaks TLS.`,
    );
  }
  const certified = senders.find((sender) => sender.certificates.length > 0);
  if (certified !== undefined && !isSet('TOKENLINE_TLS_CLIENT_CA')) {
    problems.push(`TOKENLINE_TLS_CLIENT_CA is not set: it is what verifies the certificates of ${certified.name}.`);
  }
  return problems;
}
