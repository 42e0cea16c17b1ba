/**
 * Whom a completion notice is due for, and by when, as the sources oblige: 30 minutes after provisioning and activation for a token on a device, none
 * for one on file or in a browser (visa-vts-and-thredd-ehi.md 5.4 and 7, mastercard-mdes.md 7). A kind nobody reported counts as a device.
 * A test compares this with the notifier's policy table. A notice is due for every activation code too, one for each fact that tells of it.
 */
import { noticeIdOf, type TokenType } from '@tokenline/domain';

export const completionDeadlineMs = 30 * 60 * 1000;
export const completionNotice = 'PROVISIONING_COMPLETED';
export const codeNotice = 'ACTIVATION_CODE';

/** The notice that is due for the code a fact tells of. */
export function codeNoticeId(factId: string): string {
  return noticeIdOf(codeNotice, factId);
}

export function isNoticeDue(tokenType: TokenType | undefined): boolean {
  return tokenType === undefined || !['CARD_ON_FILE', 'BROWSER', 'OTHER'].includes(tokenType);
}
