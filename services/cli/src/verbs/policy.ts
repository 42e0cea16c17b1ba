/** The notice policy: checked before it is put to use, and shown as it is in force. Needs no running system. */
import { type NoticeRule, noticeRules, parseNoticePolicy, policyProblems, writtenRule } from '@tokenline/domain';
import { CliError } from '../errors.js';
import { readInput } from '../input.js';
import { type Io, printJson } from '../io.js';
import { type Cell, table } from '../table.js';

/** Prints every fault of a policy document. Throws CliError when it has one. */
export async function checkPolicy(io: Io, file: string, json: boolean): Promise<void> {
  const reading = parseNoticePolicy(await readInput(io, file));
  const problems = reading.ok ? [] : reading.problems;
  if (json) printJson(io, { ok: reading.ok, problems });
  if (!reading.ok) throw new CliError(policyProblems(problems));
  const { versions, rules } = reading.rules;
  if (!json) io.out(`Policy ${versions.join(', ')} can be used: ${rules.length} rules before those built in.`);
}

/** Prints the rules in force. Throws CliError when the document that TOKENLINE_NOTICE_POLICY names cannot be read or used. */
export async function showPolicy(io: Io, json: boolean): Promise<void> {
  const { versions, rules } = await rulesInForce(io);
  if (json) return printJson(io, { versions, rules: rules.map(writtenRule) });
  io.out(table(['kind', 'for', 'sent', 'deadline', 'quiet', 'channels', 'alarms', 'rule'], rules.map(cellsOf)));
}

async function rulesInForce(io: Io) {
  const path = io.env.TOKENLINE_NOTICE_POLICY?.trim() ?? '';
  const text = path === '' ? undefined : await readInput(io, path);
  try {
    return noticeRules(text);
  } catch (error) {
    throw new CliError((error as Error).message);
  }
}

function cellsOf(rule: NoticeRule): readonly Cell[] {
  const { programmes, wallets, tokenTypes, networks } = rule;
  const conditions = [programmes, networks, wallets, tokenTypes].flatMap((one) =>
    one === undefined ? [] : [one.join('|')],
  );
  const { send, deadline, quietHours, channels, alarms, after } = writtenRule(rule) as ReturnType<
    typeof writtenRule
  > & {
    readonly deadline?: string;
    readonly quietHours?: { readonly from: string; readonly to: string; readonly zone: string };
    readonly channels?: readonly string[];
    readonly alarms?: readonly string[];
  };
  return [
    rule.kind,
    conditions.length === 0 ? 'all' : conditions.join(' '),
    send ? (after === undefined ? 'yes' : `after ${after.join(', ')}`) : 'no',
    deadline,
    quietHours && `${quietHours.from} to ${quietHours.to} ${quietHours.zone}`,
    channels?.join(', '),
    alarms?.join(', '),
    rule.id,
  ];
}
