import { describe, expect, it } from 'vitest';
import type { Io } from '../io.js';
import { shuffleFile } from './shuffle.js';

function message(id: number, fields: Record<string, string>): string {
  return JSON.stringify({
    TXn_ID: String(id),
    Txn_GPS_Date: `2030-01-15 10:00:0${id}.000`,
    PaymentToken_creator: 'VISA-T',
    PaymentToken_id: '70000001',
    PaymentToken_type: 'SE',
    PaymentToken_activationCode: '424242',
    ...fields,
  });
}

const tar = message(1, { Proc_Code: '330000', Resp_Code_DE39: '00' });
const tcn = message(2, { Proc_Code: '350000', PaymentToken_creatorStatus: 'A' });
const decline = message(1, { Proc_Code: '330000', Resp_Code_DE39: '05' });
const refused = message(3, { Proc_Code: '330000', Resp_Code_DE39: '00', PaymentToken_creator: 'nobody' });

/** Runs the verb over lines on standard input. */
async function run(lines: readonly string[], options: { json?: boolean; seed?: number } = { seed: 1 }) {
  const out: string[] = [];
  const io: Io = {
    env: {},
    out: (text) => out.push(text),
    note: () => undefined,
    isTty: false,
    readStdin: async () => lines.join('\n'),
  };
  const failure = await shuffleFile(io, '-', { orders: 20, json: false, ...options }).then(
    () => undefined,
    (error: Error) => error.message,
  );
  return { text: out.join('\n'), failure };
}

describe('tokenline shuffle', () => {
  it('says that all orders end alike, and what the mapper refuses', async () => {
    const { text, failure } = await run([tar, tcn, refused]);
    expect(failure).toBeUndefined();
    expect(text).toBe(
      [
        '3 messages about 1 token, 26 orders, seed 1: all end alike.',
        'The mapper refuses 1 message, in every order.',
      ].join('\n'),
    );
  });

  it('chooses a seed and shows it', async () => {
    expect((await run([tar, tcn], {})).text).toMatch(/seed \d+: all end alike/);
  });

  it('mentions completions announced too soon', async () => {
    const { text, failure } = await run([decline, tcn]);
    expect(failure).toBeUndefined();
    expect(text).toMatch(/In \d+ orders? a completion was announced before/);
  });

  it('shows the smallest disagreement, fails, and shows no secret', async () => {
    const { text, failure } = await run([tcn, tar, refused, decline]);
    expect(failure).toBe('What these messages end in depends on their order.');
    expect(text).toContain('they do not end alike.');
    expect(text).toContain('takes 2 of the messages');
    expect(text).toMatch(/\n {2}2 {2}2030-01-15T10:00:01.000Z {2}PROVISIONING_REQUESTED, APPROVED/);
    expect(text).toContain('Delivered 2, 4 | 4, 2:');
    expect(text).toContain('threddPaymentTokenId:70000001: state.provisioning.outcome REQUESTED | DECLINED');
    expect(text).not.toContain('424242');
  });

  it('answers programs in JSON', async () => {
    const { text } = await run([tcn, tar, decline], { json: true, seed: 7 });
    expect(JSON.parse(text)).toMatchObject({ messages: 3, seed: 7, tokens: 1, disagreement: { messages: [1, 2] } });
  });
});
