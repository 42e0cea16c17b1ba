/** The short set of chaos rounds: one of each kind of fault, on a stack of its own that may be killed. `npm run chaos` is the long one. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../root.js';
import { planRounds } from './plan.js';
import { RoundFailed } from './round.js';
import { run } from './run.js';

const seed = 20_300_115;
const faults = [
  'kill:ingest',
  'point:lifecycle.before-local-store',
  'point:projector.tokens-first',
  'restart:kafka:SIGKILL',
  'restart:mongodb:SIGKILL',
  'zombie:lifecycle',
  'instances:projector:SIGTERM',
  'state:lifecycle:old',
];

it('a crash, a restart, a zombie, a lost state: nothing of it shows', async () => {
  const plans = faults.flatMap((fault, n) =>
    planRounds({ seed: seed + n, rounds: 1, only: [fault] }).map((plan) => ({ ...plan, round: n + 1 })),
  );
  const report = await run({
    plans,
    roundsPerSystem: faults.length,
    home: join(root, '.tokenline/test-chaos'),
    say: (line) => console.log(line),
    signal: new AbortController().signal,
  });
  const { failure } = report;
  const what = failure && [
    `round ${failure.plan.round}, ${faults[failure.plan.round - 1]}`,
    failure.error.message,
    ...(failure.error instanceof RoundFailed ? failure.error.offenders : []),
    ...failure.logs,
  ];
  expect(what).toBeUndefined();
  expect(report.survived).toBe(faults.length);
  expect(report.messages).toBeGreaterThan(faults.length * 80);
}, 600_000);
