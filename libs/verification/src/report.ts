/** What a look came to: one verdict for each invariant, and the text a person reads. */
import { type InvariantCode, invariantCodes, invariants } from './invariants.js';

/** One thing at fault. Never holds a value of a token, only names of fields and ids. */
export interface Offender {
  /** Place in the log, `token.lifecycle 3/120`, where there is one. */
  readonly where?: string;
  readonly tokenId?: string;
  readonly what: string;
}

export interface Verdict {
  readonly code: InvariantCode;
  readonly statement: string;
  readonly outcome: 'holds' | 'broken' | 'not-checked';
  /** How many things were looked at. */
  readonly checked: number;
  readonly failed: number;
  /** The first ones. */
  readonly offenders: readonly Offender[];
  /** Something a reader should know beside the verdict. */
  readonly note?: string;
}

export interface Report {
  /** No invariant is broken. */
  readonly ok: boolean;
  /** Records were being written during the look; what came after its beginning is not judged. */
  readonly moving: boolean;
  /** Records read by topic, and documents read by collection. */
  readonly read: Readonly<Record<string, number>>;
  readonly verdicts: readonly Verdict[];
}

/** The count of one invariant while it is being judged. */
export interface Tally {
  readonly check: (count?: number) => void;
  /** `count` things fail for one reason. */
  readonly fail: (offender: Offender, count?: number) => void;
  readonly note: (text: string) => void;
  /** It cannot be judged this time, and why. */
  readonly skip: (why: string) => void;
}

export interface Tallies {
  readonly of: (code: InvariantCode) => Tally;
  /** Verdicts on the codes asked for; those that need documents are not checked when `without` says why. */
  readonly verdicts: (codes: readonly InvariantCode[], without: string | undefined) => readonly Verdict[];
}

interface Count {
  checked: number;
  failed: number;
  readonly offenders: Offender[];
  note?: string;
  skipped: boolean;
}

/** Tallies that keep the first `most` offenders of each invariant; `earlier` ones count in. */
export function createTallies(most: number, earlier?: Tallies): Tallies {
  const counts = new Map<InvariantCode, Count>();
  const countOf = (code: InvariantCode): Count => {
    const count = counts.get(code) ?? { checked: 0, failed: 0, offenders: [], skipped: false };
    counts.set(code, count);
    return count;
  };
  return {
    of: (code) => {
      const count = countOf(code);
      return {
        check: (n = 1) => {
          count.checked += n;
        },
        fail: (offender, n = 1) => {
          count.failed += n;
          if (count.offenders.length < most) count.offenders.push(offender);
        },
        note: (text) => {
          count.note = text;
        },
        skip: (why) => {
          count.note = why;
          count.skipped = true;
        },
      };
    },
    verdicts: (codes, without) => {
      const before = earlier?.verdicts(codes, without);
      return codes.map((code, i) => {
        const { statement, needs } = invariants[code];
        if (needs === 'documents' && without !== undefined) {
          return { code, statement, outcome: 'not-checked', checked: 0, failed: 0, offenders: [], note: without };
        }
        const { checked, failed, offenders, note, skipped } = countOf(code);
        const first = before?.[i];
        const sum = failed + (first?.failed ?? 0);
        return {
          code,
          statement,
          outcome: sum > 0 ? 'broken' : skipped ? 'not-checked' : 'holds',
          checked: checked + (first?.checked ?? 0),
          failed: sum,
          offenders: [...(first?.offenders ?? []), ...offenders].slice(0, most),
          ...(note !== undefined && { note }),
        };
      });
    },
  };
}

/** The verdicts in the order of the table of invariants, as a report. */
export function reportOf(
  verdicts: readonly Verdict[],
  moving: boolean,
  read: Readonly<Record<string, number>>,
): Report {
  const ordered = [...verdicts].sort((a, b) => invariantCodes.indexOf(a.code) - invariantCodes.indexOf(b.code));
  return { ok: ordered.every((verdict) => verdict.outcome !== 'broken'), moving, read, verdicts: ordered };
}

const words = { holds: 'holds', broken: 'BROKEN', 'not-checked': 'not checked' } as const;

/** The report as text: a line for each invariant, under a broken one what was found first. */
export function formatReport(report: Report): string {
  const counts = report.verdicts.map(({ checked, failed }) => (failed > 0 ? `${failed} of ${checked}` : `${checked}`));
  const widths = {
    word: Math.max(...report.verdicts.map((verdict) => words[verdict.outcome].length)),
    code: Math.max(...report.verdicts.map((verdict) => verdict.code.length)),
    count: Math.max(...counts.map((count) => count.length)),
  };
  const lines = report.verdicts.flatMap((verdict, i) => [
    [
      words[verdict.outcome].padEnd(widths.word),
      verdict.code.padEnd(widths.code),
      (counts[i] as string).padStart(widths.count),
      verdict.statement,
    ].join('  '),
    ...(verdict.note === undefined ? [] : [`    ${verdict.note}`]),
    ...verdict.offenders.map(({ where, tokenId, what }) =>
      ['   ', where, tokenId === undefined ? undefined : `token ${tokenId}:`, what]
        .filter((part) => part !== undefined)
        .join(' '),
    ),
    ...(verdict.failed > verdict.offenders.length && verdict.offenders.length > 0
      ? [`    and ${verdict.failed - verdict.offenders.length} more`]
      : []),
  ]);
  return [...lines, '', summary(report)].join('\n');
}

function summary({ verdicts, moving, read }: Report): string {
  const of = (outcome: Verdict['outcome']): number => verdicts.filter((verdict) => verdict.outcome === outcome).length;
  const total = Object.values(read).reduce((sum, count) => sum + count, 0);
  const open = of('not-checked') === 0 ? '' : `, ${of('not-checked')} not checked`;
  const live = moving ? ' Records were coming in meanwhile; what came after the look began is not judged.' : '';
  return `${verdicts.length} invariants: ${of('holds')} hold, ${of('broken')} broken${open}. ${total} records and documents read.${live}`;
}
