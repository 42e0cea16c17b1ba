/** A notice's name outside the ledger: in file names and Message-IDs, which have a length. */
import { createHash } from 'node:crypto';

/** The noticeId, or its beginning and a digest of it when it is longer than 120 characters. */
export function shortName(noticeId: string): string {
  if (noticeId.length <= 120) return noticeId;
  return `${noticeId.slice(0, 80)}-${createHash('sha256').update(noticeId).digest('hex').slice(0, 32)}`;
}
