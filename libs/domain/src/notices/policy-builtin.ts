/**
 * The notice policy that is built in, as a document like an issuer's own, and the rules in force.
 *
 * Sources (domain pages beside the architecture):
 * - 30 minutes after successful provisioning and activation: Apple's requirement, relayed by Thredd in "Token Provisioning Message Flows" 7.5
 *   (visa-vts-and-thredd-ehi.md section 7, mastercard-mdes.md section 7). Apple's own page is not public and no rule was found for other
 *   wallets, so 30 minutes is the default for every device token, and an issuer may set less for a wallet.
 * - No notice for card-on-file and browser tokens: visa-vts-and-thredd-ehi.md 5.4 scenario 1 (`BW`/`CF`: "do not notify the cardholder") and
 *   section 7; mastercard-mdes.md section 7 (no notice for STATIC tokens).
 * - An activation code is of use while the cardholder waits at the wallet, and to nobody once it has lapsed (seeds/0, steps 16 and 17).
 * - Suspended, resumed, deleted: no source obliges. A cardholder whose phone stops paying should learn why; at a merchant the merchant tells.
 * - Reminders at 24 hours and 7 days, at 7 and 14 days: the schedule one processor runs for Apple Pay (visa-vts-and-thredd-ehi.md section 7);
 *   taken for the other two large wallets. Nights are left alone by the zone of the sources' own clocks (Thredd's, Europe/London).
 */
import { laidBefore, type NoticeRules } from './policy.js';
import { parseNoticePolicy, policyProblems, readNoticePolicy } from './policy-text.js';

const merchants = ['CARD_ON_FILE', 'BROWSER', 'OTHER'];
const devices = ['SECURE_ELEMENT', 'HCE', 'UNKNOWN'];
const night = { from: '22:00', to: '07:00', zone: 'Europe/London' };
const wallets = ['APPLE', 'GOOGLE', 'SAMSUNG'];

/** A token whose type nobody reported counts as a device token: a notice too many is a smaller harm than an obligation missed. */
export const builtinDocument = {
  version: 'builtin-1',
  rules: [
    {
      name: 'completion-merchants',
      kind: 'PROVISIONING_COMPLETED',
      tokenTypes: merchants,
      send: false,
      because: 'Only device tokens get a completion notice.',
    },
    {
      name: 'completion',
      kind: 'PROVISIONING_COMPLETED',
      send: true,
      deadline: '30m',
      staleAfter: '24h',
      escalate: { failures: 5, after: '10m' },
      alarms: ['10m', '20m'],
      because: 'Within 30 minutes of provisioning and activation (Apple, relayed by Thredd).',
    },
    {
      name: 'activation-code',
      kind: 'ACTIVATION_CODE',
      send: true,
      escalate: { failures: 3, after: '1m' },
      alarms: ['10m', '20m'],
      because: 'The cardholder asked for it and waits.',
    },
    ...(['SUSPENDED', 'RESUMED', 'DELETED'] as const).flatMap((status) => [
      {
        name: `${status.toLowerCase()}-merchants`,
        kind: `TOKEN_${status}`,
        tokenTypes: merchants,
        send: false,
        because: 'Merchants tell their customers themselves.',
      },
      {
        name: status.toLowerCase(),
        kind: `TOKEN_${status}`,
        send: true,
        staleAfter: '24h',
        because: 'The cardholder should learn from the issuer why the phone pays no more, or pays again.',
      },
    ]),
    ...(
      [
        ['unfinished', 'PROVISIONING_UNFINISHED', ['24h', '7d']],
        ['unused', 'TOKEN_UNUSED', ['7d', '14d']],
      ] as const
    ).flatMap(([name, kind, after]) => [
      {
        name,
        kind,
        wallets,
        tokenTypes: devices,
        send: true,
        after,
        staleAfter: '24h',
        quietHours: night,
        because: 'The schedule one processor runs for Apple Pay.',
      },
      {
        name: `${name}-others`,
        kind,
        send: false,
        because: 'Reminders are for device tokens of Apple, Google and Samsung.',
      },
    ]),
  ],
};

/** The rules built in. */
export const builtinRules: NoticeRules = builtin();

/**
 * The rules in force: those of a policy document's text, where there is one, before those built in.
 * Throws an Error that names every fault of the document.
 */
export function noticeRules(text: string | undefined): NoticeRules {
  if (text === undefined) return builtinRules;
  const reading = parseNoticePolicy(text);
  if (!reading.ok) throw new Error(policyProblems(reading.problems));
  return laidBefore(reading.rules, builtinRules);
}

function builtin(): NoticeRules {
  const reading = readNoticePolicy(builtinDocument);
  if (!reading.ok) throw new Error(policyProblems(reading.problems));
  return reading.rules;
}
