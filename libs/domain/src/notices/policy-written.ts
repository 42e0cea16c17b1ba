/** Rules and terms as a policy document writes them: for people, and for what is shown of a ledger entry. */
import { durationText } from './duration.js';
import type { NoticeRule, NoticeTerms } from './policy.js';
import type { QuietHours } from './quiet.js';

export interface WrittenTerms {
  readonly deadline?: string;
  readonly staleAfter?: string;
  readonly channels?: readonly string[];
  readonly quietHours?: QuietHours;
  readonly escalate: { readonly failures: number; readonly after: string };
  readonly alarms?: readonly string[];
}

/** Terms as a document writes them; nothing left out that holds, except how tries are spaced. */
export function writtenTerms(terms: NoticeTerms): WrittenTerms {
  const { deadlineAfter, staleAfter, channels, quietHours, alarms } = terms;
  return {
    ...(deadlineAfter !== undefined && { deadline: durationText(deadlineAfter) }),
    ...(staleAfter !== undefined && { staleAfter: durationText(staleAfter) }),
    ...(channels !== undefined && { channels }),
    ...(quietHours !== undefined && { quietHours }),
    escalate: { failures: terms.failuresBeforeNextChannel, after: durationText(terms.escalateAfter) },
    ...(alarms !== undefined && { alarms: alarms.map(durationText) }),
  };
}

/** A rule as a document writes it, with the id it has in the ledger in place of its name. */
export function writtenRule({ terms, after, ...rule }: NoticeRule) {
  return {
    ...rule,
    send: terms !== undefined,
    ...(terms !== undefined && writtenTerms(terms)),
    ...(after !== undefined && { after: after.map(durationText) }),
  };
}
