import { green, yellow } from '@tokenline/cli';
import { expect, it } from 'vitest';
import { messagesOfFlow, testToken } from '../traffic.js';
import { benchMessages, messagesPerToken } from './messages.js';

const start = Date.UTC(2030, 0, 15, 10);
const messages = [...benchMessages(4_000, 8, () => start, 4)];

it('says what the builders of all tests say of that token', () => {
  const of = (token: number) =>
    messages.filter((one) => one.token === token).map(({ text }) => JSON.parse(text) as object);
  const built = (n: number, network: 'VISA-T' | 'MC-MDES', flow: ReturnType<typeof green>) =>
    messagesOfFlow(testToken(n, network), flow, start).map(({ text }) => JSON.parse(text) as object);
  // The token's own number and the code are secrets nobody looks up; every bench token has the sample's. So have the milliseconds.
  const alike = (list: object[]) =>
    list.map((one) => ({
      ...one,
      PaymentTokenPan: 0,
      Txn_GPS_Date: 0,
      PaymentToken_activationCode: 0,
      PaymentToken_activationMethodData: 0,
      PaymentToken_activationExpiry: 0,
    }));
  expect(alike(of(4_000))).toEqual(alike(built(4_000, 'VISA-T', green('VISA-T'))));
  expect(alike(of(4_006))).toEqual(alike(built(4_006, 'MC-MDES', green('MC-MDES'))));
  expect(alike(of(4_007))).toEqual(alike(built(4_007, 'VISA-T', yellow('VISA-T'))));
});

it('keeps the order of a token’s messages and marks its last', () => {
  const steps = messages.filter(({ token }) => token === 4_003);
  expect(steps.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4]);
  expect(steps.map(({ last }) => last)).toEqual([false, false, false, false, true]);
});

it('goes window by window', () => {
  expect(messages.slice(0, 4).map(({ token }) => token)).toEqual([4_000, 4_001, 4_002, 4_003]);
  expect(messages.findIndex(({ token }) => token === 4_004)).toBe(4 * messagesPerToken);
});
