import { passesLuhn } from '@tokenline/runtime';
import { describe, expect, it } from 'vitest';
import { roles } from './cast.js';
import { sampleDay } from './day.js';
import { localStamp } from './ehi.js';

const noon = Date.UTC(2030, 5, 15, 12, 0, 0);
const zone = 'Europe/London';
const day = sampleDay(noon, zone);
const json = day.messages
  .filter((message) => message.contentType === 'application/json')
  .map((m) => JSON.parse(m.text));

describe('the sample day', () => {
  it('has about forty tokens on both networks, every path, and one bad message', () => {
    expect(day.expected.tokens).toHaveLength(roles.length);
    expect(roles.length).toBeGreaterThanOrEqual(38);
    const kinds = new Set(day.expected.tokens.map((t) => `${t.network} ${t.outcome} ${t.path}`));
    for (const network of ['VTS', 'MDES'])
      for (const kind of ['COMPLETED GREEN', 'COMPLETED YELLOW', 'DECLINED RED'])
        expect(kinds).toContain(`${network} ${kind}`);
    expect(new Set(day.expected.tokens.map((t) => t.status))).toEqual(
      new Set(['ACTIVE', 'INACTIVE', 'SUSPENDED', 'DELETED']),
    );
    expect(day.expected.deadLetters).toBe(1);
    expect(day.expected.codes).toBeGreaterThan(5);
  });

  it('gives each token its own names', () => {
    expect(new Set(day.expected.tokens.map((token) => token.alias)).size).toBe(roles.length);
  });

  it('lies within the half hour before its anchor, so that notices can be met', () => {
    const stamps = json.map((m) => m.Txn_GPS_Date as string).filter((stamp) => !stamp.includes('-02-30'));
    for (const stamp of stamps) {
      expect(stamp > localStamp(noon - 25 * 60_000, zone)).toBe(true);
      expect(stamp <= localStamp(noon, zone)).toBe(true);
    }
  });

  it('is all repeats when played again the same day, and all new the next day', () => {
    expect(sampleDay(noon, zone)).toEqual(day);
    const ids = (messages: typeof day.messages) => messages.map((m) => /TXn_ID\D+(\d+)/.exec(m.text)?.[1]);
    expect(new Set(ids(sampleDay(noon + 3_600_000, zone).messages))).toEqual(new Set(ids(day.messages)));
    const tomorrow = new Set(ids(sampleDay(noon + 86_400_000, zone).messages));
    expect(ids(day.messages).filter((id) => tomorrow.has(id))).toEqual([]);
  });

  it('sends the bad message with the same text all day', () => {
    const bad = (at: number) => sampleDay(at, zone).messages.find((m) => m.text.includes('-02-30'))?.text;
    expect(bad(noon)).toBeDefined();
    expect(bad(noon)).toBe(bad(noon + 3_600_000));
  });

  it('repeats some messages with a higher SendingAttemptCount and everything else equal', () => {
    const byId = group(json);
    const repeated = [...byId.values()].filter((copies) => copies.length > 1);
    expect(repeated.length).toBeGreaterThanOrEqual(3);
    for (const [first, second] of repeated as [object & { SendingAttemptCount: number }, object][])
      expect({ ...second, SendingAttemptCount: first.SendingAttemptCount }).toEqual(first);
  });

  it('delivers some messages after ones that happened later', () => {
    const stamps = json.map((m) => m.Txn_GPS_Date as string).filter((stamp) => !stamp.includes('-02-30'));
    expect(stamps).not.toEqual([...stamps].sort());
  });

  it('uses numbers a card scheme could check', () => {
    const dpans = json.map((m) => m.PaymentTokenPan as string | undefined).filter((dpan) => dpan !== undefined);
    expect(dpans.length).toBeGreaterThan(10);
    for (const dpan of dpans) expect(passesLuhn(dpan)).toBe(true);
  });
});

function group(messages: { TXn_ID: number }[]): Map<number, Record<string, unknown>[]> {
  const groups = new Map<number, Record<string, unknown>[]>();
  for (const message of messages) groups.set(message.TXn_ID, [...(groups.get(message.TXn_ID) ?? []), { ...message }]);
  return groups;
}
