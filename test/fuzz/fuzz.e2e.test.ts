/** A short run of the fuzzer: no fault of ours, no hang, no secret in clear, nothing lost, nothing blocked. The long one is `npm run fuzz`. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCanaries } from '../canaries.js';
import { root } from '../root.js';
import { type System, startSystem } from '../system.js';
import { aftermath } from './aftermath.js';
import { createNetworks } from './envelopes.js';
import { operations } from './operations.js';
import { fuzz } from './run.js';

const networks = createNetworks();
const canaries = createCanaries();
const seed = Number(process.env.TOKENLINE_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

let system: System;
beforeAll(async () => {
  system = await startSystem({ env: networks.env });
});
afterAll(() => system?.stop());

it(`whatever is sent to any operation, is answered as it may be, and harms nothing (TOKENLINE_FUZZ_SEED=${seed})`, async () => {
  const folder = join(root, '.tokenline/fuzz');
  const tally = await fuzz({ url: system.urls.ingest, networks, canaries, requests: 600, seed, width: 4, folder });
  const after = await aftermath({ system, networks, canaries, tally }, () => undefined);
  expect(after.faults).toEqual([]);
  expect(tally.sent).toBe(600);
  // It would be no test if hardly anything was taken, or hardly anything refused.
  expect([...tally.answers.keys()].sort()).toEqual(operations.map(({ name }) => name).sort());
  expect([...tally.taken.values()].reduce((sum, n) => sum + n)).toBeGreaterThan(100);
  expect(tally.putAside).toBeGreaterThan(50);
  expect(after.places).toBeGreaterThan(20);
}, 300_000);
