/**
 * What somebody gains who heard a message and sends it again: nothing. Inside the window it is the same fact, after it no message at all.
 * A door's clock is set here, so that each test says when it is.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { factsOf as mdesFacts, startMdes } from './mdes/given.js';
import { startVts, factsOf as vtsFacts } from './vts/given.js';

const began = Date.UTC(2030, 0, 16, 11);
const hourMs = 3_600_000;
let clock = began;
const now = () => clock;

describe('a message of Visa, sent again byte for byte,', () => {
  const visa = startVts({ now });
  afterAll(() => visa.close());
  const target = 'v2/tokenRequestors/40010075001/tokens/DNITHE000000000000000404';
  const request = { panReferenceID: 'V-0000000000000000000011', lifeCycleTraceID: 399_000_000_000_404 };
  const inside = {
    cardholderInfo: { primaryAccountNumber: '4111111111111111' },
    tokenInfo: { token: '4111110000000021', tokenStatus: 'SUSPENDED', tokenType: 'HCE' },
  };
  const suspension = { ...request, messageReasonCode: '3702', dateTimeOfEvent: '2030-01-16T10:59:00.000Z' };

  it.each([
    ['a notification', 'tokenChanged?eventType=TOKEN_STATUS_UPDATED', suspension],
    ['a request', 'approveProvisioning', request],
  ])('is the same fact inside the window, and refused after it: %s', async (_what, verb, body) => {
    clock = began;
    const heard = await visa.sealed(body, inside);
    visa.clear();
    for (const at of [began, began + 1_000, began + hourMs]) {
      clock = at;
      expect((await visa.post(`${target}/${verb}`, heard)).status).toBe(200);
    }
    const ids = visa.messages().flatMap((message) => vtsFacts(message).map(({ factId }) => factId));
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);

    visa.clear();
    clock = began + hourMs + 1_000;
    const late = await visa.post(`${target}/${verb}`, heard);
    expect(late.status).toBe(400);
    expect(JSON.parse(late.text)).toMatchObject({ type: 'urn:tokenline:problem:signature-expired' });
    expect(visa.messages()).toEqual([]);
    expect(visa.letters()).toMatchObject([{ reasonCode: 'SIGNATURE_EXPIRED' }]);
  });

  it('is refused before its time, but for what clocks differ', async () => {
    clock = began;
    const heard = await visa.sealed(request, inside, { issuedAt: began + 61_000 });
    expect((await visa.post(`${target}/approveProvisioning`, heard)).status).toBe(400);
    clock = began + 1_000;
    expect((await visa.post(`${target}/approveProvisioning`, heard)).status).toBe(200);
  });
});

describe('a request of MDES, sent again byte for byte,', () => {
  const mastercard = startMdes({ now });
  afterAll(() => mastercard.close());
  const folder = resolve(import.meta.dirname, '../../fixtures/mdes/authorizeService/yellow');
  const read = (name: string) => JSON.parse(readFileSync(resolve(folder, name), 'utf8'));

  it('is the same fact as long as its card data are valid, and refused after that', async () => {
    const opened = read('opened.json');
    const [data] = Object.values(opened) as [{ dataValidUntilTimestamp: string }];
    const until = Date.parse(data.dataValidUntilTimestamp);
    const heard = JSON.stringify(mastercard.mdes.withEnvelopes(read('request.json').body, opened));
    for (const at of [until - hourMs, until]) {
      clock = at;
      const answer = await mastercard.post('authorizeService', heard);
      expect(JSON.parse(answer.text)).toHaveProperty('decision');
    }
    const ids = mastercard.messages().flatMap((message) => mdesFacts(message).map(({ factId }) => factId));
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);

    mastercard.clear();
    clock = until + 1;
    const late = await mastercard.post('authorizeService', heard);
    expect(JSON.parse(late.text)).toMatchObject({ errorCode: 'INVALID_FIELD_VALUE' });
    expect(mastercard.messages()).toEqual([]);
    expect(mastercard.letters()).toMatchObject([{ reasonCode: 'DATA_EXPIRED' }]);
  });
});
