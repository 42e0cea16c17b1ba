import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCanaries, findCanaries } from '../canaries.js';
import { createNetworks } from './envelopes.js';
import { operations } from './operations.js';
import { type Plan, plans, wireOf } from './request.js';
import { createSecrets } from './secrets.js';

const networks = createNetworks();
const canaries = createCanaries();
const parts = { networks, secrets: createSecrets(canaries) };
const now = Date.UTC(2030, 0, 15);
const untouched = { outside: [], inside: [], envelope: 'none', insideText: null, text: null, http: null } as const;

describe('a plan', () => {
  it('becomes bytes, whatever it is', () =>
    fc.assert(
      fc.asyncProperty(plans(50), async (plan) => {
        const wire = await wireOf(plan, now, parts);
        expect(wire.path.startsWith('/')).toBe(true);
        expect(wire.body).toBeInstanceOf(Buffer);
        expect(Object.values(wire.headers).join('')).not.toContain('‹');
      }),
      { numRuns: 300 },
    ));

  it('is of any operation there is, a good part of them untouched', () => {
    const drawn = fc.sample(plans(50), { numRuns: 3_000, seed: 1 });
    expect(new Set(drawn.map(({ operation }) => operation))).toEqual(new Set(operations.map(({ name }) => name)));
    const whole = drawn.filter((plan) =>
      Object.entries(untouched).every(
        ([name, value]) => JSON.stringify(plan[name as keyof Plan]) === JSON.stringify(value),
      ),
    );
    expect(whole.length).toBeGreaterThan(300);
    expect(whole.length).toBeLessThan(1_500);
  });

  it('untouched carries secrets where they belong: in clear where the network has no envelope for them, else inside it', async () => {
    const clear = new Set(['vts sendPasscode', 'mdes deliverActivationCode', 'ehi', 'facts', 'cardholders']);
    for (const { name, cases } of operations) {
      const seen = await Promise.all(
        cases.map(async (_one, pick) => {
          const wire = await wireOf({ operation: name, pick, token: 1, serial: 2, ...untouched }, now, parts);
          return findCanaries(name, wire.body, canaries.all).map(({ from }) => from.split(' ', 1)[0]);
        }),
      );
      if (clear.has(name)) expect(seen.flat(), name).not.toEqual([]);
      else expect(seen.flat(), name).not.toContain('card');
    }
  });

  it('of something there is not is a mistake', () => {
    expect(() => plans(1, ['mds'])).toThrow('No operation is called mds.');
    const [drawn] = fc.sample(plans(1, ['vts send']), 1);
    expect(drawn?.operation).toBe('vts sendPasscode');
  });
});
