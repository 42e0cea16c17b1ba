/**
 * A notice policy as text: read strictly, every fault named with its path.
 *
 *   {"version": "2030-03",
 *    "rules": [{"name"?, "kind", "programmes"?, "wallets"?, "tokenTypes"?, "networks"?, "send": false, "because"},
 *              {…the same…, "send": true, "because"?, "deadline"?: "20m", "staleAfter"?: "24h", "channels"?: ["push", "sms"],
 *               "quietHours"?: {"from": "22:00", "to": "07:00", "zone": "Europe/London"}, "escalate"?: {"failures"?: 3, "after"?: "5m"},
 *               "alarms"?: ["10m", "20m"], "after"?: ["24h", "7d"]}]}
 *
 * What a rule leaves out is as usual for its kind (policy.ts). Durations are 90s, 30m, 24h, 7d. What cannot be:
 * - A completion's deadline beyond 30 minutes: Apple's requirement, relayed by Thredd ("Token Provisioning Message Flows" 7.5).
 * - Quiet hours for completions and codes: the first have those 30 minutes, for the second somebody waits at the wallet.
 * - Quiet hours beside a deadline, alarms, or staleness within a day: what waits out a night promises no time.
 * - A rule behind one of its kind that fits everything: it would never be asked.
 */
import { type JsonReader, readObject } from '../facts/json.js';
import { type FieldError, networkSymbols, tokenTypeSymbols } from '../generated/records.js';
import type { Fault } from '../reasons.js';
import { durationOf, durationText } from './duration.js';
import { type NoticeKind, noticeKinds } from './kinds.js';
import {
  isReminder,
  type NoticeRule,
  type NoticeRules,
  type NoticeTerms,
  policyChannels,
  usualTerms,
} from './policy.js';
import { isZone, type QuietHours, timeOfDay } from './quiet.js';

export type NoticePolicyReading =
  | { readonly ok: true; readonly rules: NoticeRules }
  /** Every fault: its path in the document, and a sentence's end such as `is missing`. */
  | { readonly ok: false; readonly problems: readonly FieldError[] };

const longestDeadline = 30 * 60_000;
const aDay = 24 * 60 * 60_000;

/** Reads a policy document from its text, alone: without the rules built in. */
export function parseNoticePolicy(text: string): NoticePolicyReading {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, problems: [{ path: '', message: 'is not JSON' }] };
  }
  return readNoticePolicy(value);
}

/** Reads a policy document. */
export function readNoticePolicy(document: unknown): NoticePolicyReading {
  const faults: Fault[] = [];
  const read = readObject(document, '', faults);
  const rules = read === undefined ? undefined : documentFrom(read);
  if (rules !== undefined && faults.length === 0) return { ok: true, rules };
  return { ok: false, problems: faults.map(({ path, message }) => ({ path, message })) };
}

/** One sentence that names every fault. */
export function policyProblems(problems: readonly FieldError[]): string {
  const said = problems.map(({ path, message }) => `${path === '' ? 'it' : path} ${message}`);
  return `The notice policy is refused: ${said.join('; ')}.`;
}

function documentFrom(read: JsonReader): NoticeRules {
  const version = read.requiredText('version') ?? '';
  if (version !== '' && !isName(version))
    read.fault('FIELD_INVALID', 'version', 'is not up to 40 letters, digits, dots, - and _');
  if (!read.has('rules')) read.fault('FIELD_MISSING', 'rules', 'is missing');
  const names = new Set<string>();
  const closed = new Set<NoticeKind>();
  const rules = read.objects('rules').flatMap((rule, i) => {
    const name = rule.text('name') ?? `rule-${i + 1}`;
    if (!isName(name)) rule.fault('FIELD_INVALID', 'name', 'is not up to 40 letters, digits, dots, - and _');
    if (names.has(name)) rule.fault('FIELD_INVALID', 'name', 'is that of another rule');
    names.add(name);
    const found = ruleFrom(rule, `${version}/${name}`);
    if (found === undefined) return [];
    rule.done();
    if (closed.has(found.kind))
      rule.fault('FIELD_INVALID', '', 'can never decide: a rule before it fits every notice of its kind');
    const { programmes, wallets, tokenTypes, networks, kind } = found;
    if ([programmes, wallets, tokenTypes, networks].every((condition) => condition === undefined)) closed.add(kind);
    return [found];
  });
  read.done();
  return { versions: [version], rules };
}

function ruleFrom(read: JsonReader, id: string): NoticeRule | undefined {
  const kind = read.word('kind', noticeKinds);
  if (!read.has('kind')) read.fault('FIELD_MISSING', 'kind', 'is missing');
  const conditions = {
    programmes: filled(read, 'programmes', read.texts('programmes')),
    wallets: filled(read, 'wallets', read.texts('wallets')),
    tokenTypes: filled(read, 'tokenTypes', read.words('tokenTypes', tokenTypeSymbols)),
    networks: filled(
      read,
      'networks',
      read.words(
        'networks',
        networkSymbols.filter((network) => network !== 'UNKNOWN'),
      ),
    ),
  };
  const send = read.flag('send');
  if (!read.has('send')) read.fault('FIELD_MISSING', 'send', 'is missing');
  const because = send === false ? read.requiredText('because') : read.text('because');
  if (kind === undefined) return undefined;
  const sending = send === false ? {} : { terms: termsFrom(read, kind), after: afterFrom(read, kind) };
  return withoutBlanks({ id, kind, ...conditions, ...sending, because });
}

function termsFrom(read: JsonReader, kind: NoticeKind): NoticeTerms {
  const usual = usualTerms(kind);
  const deadline = deadlineFrom(read, kind) ?? usual.deadlineAfter;
  const staleAfter = duration(read, 'staleAfter') ?? usual.staleAfter;
  if (read.has('staleAfter') && kind === 'ACTIVATION_CODE')
    read.fault('FIELD_INVALID', 'staleAfter', 'cannot be: a code is told until it lapses');
  const quietHours = quietHoursFrom(read, kind, staleAfter);
  const escalate = read.object('escalate');
  const failures = escalate && count(escalate, 'failures');
  const escalateAfter = escalate && duration(escalate, 'after');
  escalate?.done();
  return withoutBlanks({
    ...usual,
    deadlineAfter: deadline,
    staleAfter,
    failuresBeforeNextChannel: failures ?? usual.failuresBeforeNextChannel,
    // As usual, but never so late that a shorter deadline is past the better part of its time.
    escalateAfter: escalateAfter ?? Math.min(usual.escalateAfter, (deadline ?? Number.POSITIVE_INFINITY) / 3),
    giveUpAfter: Math.min(usual.giveUpAfter, staleAfter ?? usual.giveUpAfter),
    alarms: alarmsFrom(read, deadline) ?? usual.alarms?.filter((after) => deadline === undefined || after < deadline),
    channels: channelsFrom(read),
    quietHours,
  });
}

function deadlineFrom(read: JsonReader, kind: NoticeKind): number | undefined {
  const deadline = duration(read, 'deadline');
  if (!read.has('deadline')) return undefined;
  if (kind === 'ACTIVATION_CODE')
    return read.fault('FIELD_INVALID', 'deadline', 'cannot be: it is when the code lapses');
  if (kind === 'PROVISIONING_COMPLETED' && deadline !== undefined && deadline > longestDeadline)
    return read.fault('FIELD_INVALID', 'deadline', 'is beyond the 30 minutes that wallets oblige the issuer to');
  return deadline;
}

function quietHoursFrom(read: JsonReader, kind: NoticeKind, staleAfter: number | undefined): QuietHours | undefined {
  const quiet = read.object('quietHours');
  if (quiet === undefined) return undefined;
  const time = (name: 'from' | 'to'): string => {
    const text = quiet.requiredText(name) ?? '';
    if (text !== '' && timeOfDay(text) === undefined) quiet.fault('FIELD_INVALID', name, 'is not a time of day, HH:MM');
    return text;
  };
  const [from, to] = [time('from'), time('to')];
  if (from !== '' && from === to) quiet.fault('FIELD_INVALID', 'to', 'is when they begin');
  const zone = quiet.requiredText('zone') ?? '';
  if (zone !== '' && !isZone(zone)) quiet.fault('FIELD_INVALID', 'zone', 'is not a time zone such as Europe/London');
  quiet.done();
  const refuse = (why: string) => read.fault('FIELD_INVALID', 'quietHours', why);
  if (kind === 'PROVISIONING_COMPLETED')
    return refuse('cannot be: wallets oblige the issuer to tell within 30 minutes');
  if (kind === 'ACTIVATION_CODE') return refuse('cannot be: the cardholder waits for the code at the wallet');
  if (read.has('deadline') || read.has('alarms'))
    return refuse('cannot stand beside a deadline or alarms: what waits out a night promises no time');
  if (staleAfter !== undefined && staleAfter < aDay)
    return refuse('cannot stand beside a staleAfter of less than a day');
  return { from, to, zone };
}

function alarmsFrom(read: JsonReader, deadline: number | undefined): readonly number[] | undefined {
  const alarms = rising(read, 'alarms');
  for (const [i, after] of (alarms ?? []).entries()) {
    if (deadline !== undefined && after >= deadline)
      read.fault('FIELD_INVALID', `alarms[${i}]`, `is not before the deadline of ${durationText(deadline)}`);
  }
  return alarms;
}

function channelsFrom(read: JsonReader): readonly string[] | undefined {
  const channels = filled(read, 'channels', read.words('channels', policyChannels));
  if (channels !== undefined && new Set(channels).size < channels.length)
    read.fault('FIELD_INVALID', 'channels', 'names a channel twice');
  return channels;
}

function afterFrom(read: JsonReader, kind: NoticeKind): readonly number[] | undefined {
  const after = filled(read, 'after', rising(read, 'after'));
  if (!isReminder(kind))
    return read.has('after') ? read.fault('FIELD_INVALID', 'after', 'is for reminders only') : undefined;
  if (!read.has('after')) return read.fault('FIELD_MISSING', 'after', 'is missing: when to remind');
  return after;
}

function duration(read: JsonReader, name: string): number | undefined {
  const text = read.text(name);
  if (text === undefined) return undefined;
  return durationOf(text) ?? read.fault('FIELD_INVALID', name, 'is not a duration such as 90s, 30m, 24h or 7d');
}

/** Durations, each longer than the one before. */
function rising(read: JsonReader, name: string): readonly number[] | undefined {
  const texts = read.texts(name);
  if (texts === undefined) return undefined;
  const times = texts.map(
    (text, i) =>
      durationOf(text) ?? read.fault('FIELD_INVALID', `${name}[${i}]`, 'is not a duration such as 90s, 30m, 24h or 7d'),
  );
  const known = times.filter((time) => time !== undefined);
  if (known.some((time, i) => i > 0 && time <= (known[i - 1] as number)))
    read.fault('FIELD_INVALID', name, 'does not rise from each to the next');
  return known;
}

function count(read: JsonReader, name: string): number | undefined {
  const text = read.text(name);
  if (text === undefined) return undefined;
  return /^[1-9]\d{0,2}$/.test(text)
    ? Number(text)
    : read.fault('FIELD_INVALID', name, 'is not a number from 1 to 999');
}

function filled<T>(read: JsonReader, name: string, list: readonly T[] | undefined): readonly T[] | undefined {
  if (list !== undefined && list.length === 0) return read.fault('FIELD_INVALID', name, 'names nothing');
  return list;
}

function isName(text: string): boolean {
  return /^[A-Za-z0-9._-]{1,40}$/.test(text);
}

/** Without what is undefined: these objects are compared, and kept in a database. */
function withoutBlanks<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
