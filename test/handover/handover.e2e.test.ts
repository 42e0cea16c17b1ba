/** The short run: ten kills between acceptance and record. `npm run handover` is the long one. */
import { expect, it } from 'vitest';
import { run } from './run.js';

const kills = 10;

it('a notifier killed between acceptance and record loses nothing, and doubles nothing where repeats are known', async () => {
  const report = await run({ kills, seed: 20_300_115, say: (line) => console.log(line) });
  const [smtp, sms] = report.channels;
  expect(smtp?.channel).toBe('smtp');
  expect(report.channels.flatMap(({ missing }) => missing)).toEqual([]);
  expect(report.unsent).toBe(0);
  expect(sms?.doubled).toEqual([]);
  // That the kills were in the window shows in what was handed over again.
  const struck = report.channels.reduce((sum, one) => sum + one.beforeAnswer + one.afterAnswer, 0);
  expect(struck).toBe(kills);
  for (const one of report.channels)
    expect(one.repeated.length).toBeGreaterThanOrEqual(one.beforeAnswer + one.afterAnswer);
  expect(smtp?.doubled).toEqual(smtp?.repeated);
}, 300_000);
