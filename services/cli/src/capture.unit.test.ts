import { describe, expect, it } from 'vitest';
import { capturedMessages } from './capture.js';
import { CliError } from './errors.js';

const tar = {
  TXn_ID: '1',
  Proc_Code: '330000',
  Resp_Code_DE39: '00',
  Txn_GPS_Date: '2030-01-15 10:00:00.100',
  PaymentToken_creator: 'VISA-T',
  PaymentToken_id: '7',
};

function factOf(text: string, zone = 'UTC') {
  const [message] = capturedMessages(text, zone);
  const mapping = message?.read(5);
  if (mapping?.ok !== true) throw new Error(`The message is refused: ${JSON.stringify(mapping)}`);
  return mapping.facts[0];
}

describe('a capture', () => {
  it('is read with the digits its numbers were written with, text and all else as it is', () => {
    const text = JSON.stringify({ ...tar, PaymentToken_deviceName: 'a "7" \\ 8', Extra: null, Flag: true })
      .replace('"TXn_ID":"1"', '"TXn_ID":9007199254740993')
      .replace('"PaymentToken_id":"7"', '"PaymentToken_id":1234567890123456789');
    expect(factOf(text)).toMatchObject({
      sourceMessageId: '9007199254740993',
      aliases: [{ kind: 'threddPaymentTokenId', value: '1234567890123456789' }],
      device: { name: 'a "7" \\ 8' },
      receivedAt: 5,
    });
  });

  it('is one message, an array, or one message a line', () => {
    const one = JSON.stringify(tar);
    expect(capturedMessages(one, 'UTC')).toHaveLength(1);
    expect(capturedMessages(`[${one},${one}]`, 'UTC')).toHaveLength(2);
    expect(capturedMessages(`${one}\n${one}\n${one}\n`, 'UTC')).toHaveLength(3);
  });

  it.each([
    ['no JSON', `${JSON.stringify(tar)}\n{"TXn_ID":`],
    ['a nested value', `[${JSON.stringify(tar)},{"a":{"b":1}}]`],
    ['no object', `[${JSON.stringify(tar)},7]`],
  ])('is refused where a message is %s', (_what, text) => {
    expect(() => capturedMessages(text, 'UTC')).toThrow(new CliError('Message 2 is not a flat JSON object.'));
  });

  it('is refused when it is XML', () => {
    expect(() => capturedMessages('<GetTransaction/>', 'UTC')).toThrow('Message 1 is not a flat JSON object.');
  });

  it.each([
    ['winter', '2030-01-15 10:00:00.100', undefined, '2030-01-15T10:00:00.100Z'],
    ['summer', '2030-07-15 10:00:00.100', undefined, '2030-07-15T09:00:00.100Z'],
    ['the hour autumn repeats, the first time', '2030-10-27 01:30:00.000', '1027003000', '2030-10-27T00:30:00.000Z'],
    ['the hour autumn repeats, the second time', '2030-10-27 01:30:00.000', '1027013000', '2030-10-27T01:30:00.000Z'],
  ])('takes local stamps by the clocks of its zone: %s', (_what, stamp, de07, instant) => {
    const text = JSON.stringify({ ...tar, Txn_GPS_Date: stamp, ...(de07 !== undefined && { TXN_Time_DE07: de07 }) });
    expect(factOf(text, 'Europe/London')?.occurredAt).toBe(Date.parse(instant));
  });
});
