/** An alias can be asked for within two seconds of the last message, everything started. */
import { green } from '@tokenline/cli';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type System, startSystem } from '../system.js';
import { messagesOfFlow, pictureOf, testToken } from '../traffic.js';
import { until } from '../wait.js';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.stop());

it('GET /v1/tokens?alias=threddPaymentTokenId:70000001 answers within two seconds of the last message', async () => {
  // The domain page's example 9.1: token 70000001, and its 30 minutes end in 2030.
  const messages = messagesOfFlow(testToken(1), green('VISA-T'), Date.UTC(2030, 0, 15, 10, 0, 0));
  for (const message of messages) {
    expect(await system.postEhi(message.text)).toMatchObject({ status: 200, text: '{"Acknowledgement":"1"}' });
  }
  const last = performance.now();
  const token = await until('the token is complete', async () => {
    const found = await system.token('threddPaymentTokenId:70000001');
    return found?.provisioning.outcome === 'COMPLETED' && found;
  });
  const took = performance.now() - last;
  console.log(`Complete at the query door ${Math.round(took)} ms after the last acknowledgement.`);
  expect(pictureOf(token)).toEqual({ status: 'ACTIVE', outcome: 'COMPLETED', path: 'GREEN', suspendedBy: [] });
  expect(took).toBeLessThan(2_000);
});
