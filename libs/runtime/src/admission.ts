/**
 * Whether a caller comes in, and as whom. A key, where one is given, names the sender; otherwise the certificate does.
 *
 *   nothing given, local mode, from loopback     → in, as nobody
 *   nothing given                                → CREDENTIALS_MISSING
 *   not everything that some sender states       → CREDENTIALS_REFUSED, whatever it is that was wrong
 *   a sender's, from an address not on its list  → ADDRESS_NOT_ALLOWED
 *   a sender's, at a door not on its list        → DOOR_NOT_ALLOWED
 */
import { timingSafeEqual, type X509Certificate } from 'node:crypto';
import type { ReasonCode } from '@tokenline/domain';
import { isLoopback } from './addresses.js';
import type { Config } from './config.js';
import { type CertificateRule, type DoorName, keyDigest, type Sender } from './senders.js';

export interface Caller {
  readonly key: string | undefined;
  /** Only one that was verified. */
  readonly certificate: Pick<X509Certificate, 'fingerprint256' | 'subject' | 'checkHost'> | undefined;
  /** Of the socket. */
  readonly address: string;
}

export type RefusalCode = Extract<
  ReasonCode,
  'CREDENTIALS_MISSING' | 'CREDENTIALS_REFUSED' | 'ADDRESS_NOT_ALLOWED' | 'DOOR_NOT_ALLOWED'
>;

export type Admission =
  | { readonly ok: true; readonly sender: string | undefined }
  /** `sender` where the credentials prove one. */
  | { readonly ok: false; readonly code: RefusalCode; readonly sender: string | undefined };

/** `door` is absent where there is none at the address; a sender with doors of its own does not come in there. */
export function admit(
  caller: Caller,
  door: DoorName | undefined,
  { mode, senders }: Pick<Config, 'mode' | 'senders'>,
): Admission {
  const bare = caller.key === undefined && caller.certificate === undefined;
  if (mode === 'local' && isLoopback(caller.address) && (bare || senders.length === 0)) {
    return { ok: true, sender: undefined };
  }
  if (bare) return { ok: false, code: 'CREDENTIALS_MISSING', sender: undefined };
  const sender = provenBy(caller, senders);
  if (sender === undefined) return { ok: false, code: 'CREDENTIALS_REFUSED', sender };
  const { name, addresses, doors } = sender;
  if (addresses?.holds(caller.address) === false) return { ok: false, code: 'ADDRESS_NOT_ALLOWED', sender: name };
  if (doors !== undefined && (door === undefined || !doors.includes(door))) {
    return { ok: false, code: 'DOOR_NOT_ALLOWED', sender: name };
  }
  return { ok: true, sender: name };
}

/** Looks at every key of every sender whatever the first ones say, so that the time taken tells nothing. */
function provenBy({ key, certificate }: Caller, senders: readonly Sender[]): Sender | undefined {
  const digest = key === undefined ? undefined : keyDigest(key);
  let found: Sender | undefined;
  for (const sender of senders) {
    let known = false;
    for (const one of sender.keyDigests) if (digest !== undefined && timingSafeEqual(one, digest)) known = true;
    // A key that is given counts: a wrong one is not overlooked for the certificate beside it.
    const keyed = sender.keyDigests.length === 0 ? digest === undefined : known;
    const certified =
      sender.certificates.length === 0 ||
      (certificate !== undefined && sender.certificates.some((rule) => fits(certificate, rule)));
    if (keyed && certified) found ??= sender;
  }
  return found;
}

function fits(certificate: NonNullable<Caller['certificate']>, rule: CertificateRule): boolean {
  const { fingerprint256, subject, san } = rule;
  if (fingerprint256 !== undefined && hexOf(certificate.fingerprint256) !== fingerprint256) return false;
  // Node escapes what could be mistaken for the end of a line or of a part.
  if (subject !== undefined && certificate.subject?.replaceAll('\n', ', ') !== subject) return false;
  return san === undefined || certificate.checkHost(san, { subject: 'never', wildcards: false }) !== undefined;
}

function hexOf(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').toLowerCase();
}
