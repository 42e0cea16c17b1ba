/** `npm run fuzz`: see README.md beside this file. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createCanaries } from '../canaries.js';
import { root } from '../root.js';
import { setup } from '../stack.setup.js';
import { startSystem } from '../system.js';
import { aftermath } from './aftermath.js';
import { createNetworks } from './envelopes.js';
import { FuzzFailed, fuzz } from './run.js';
import { summaryOf } from './summary.js';

const help = `npm run fuzz -- [options]

  Sends requests that are nearly right to every operation of the ingest doors and judges every answer; at the end looks whether
  everything that was taken became something, and whether any secret lies in clear. Exit code 1 when anything is not as it should be.

  --requests N     requests to send (20000)
  --seed N         the same seed gives the same plans (random)
  --only NAME,…    only operations whose name begins so, as in --only mdes,"vts sendPasscode"
  --width N        requests under way at a time (4)
  --path PATH      of a failure: that plan alone
`;

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    only: { type: 'string' },
    width: { type: 'string', default: '4' },
    path: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(help);
else await main();

async function main(): Promise<void> {
  const { seed, requests, width } = { seed: whole('seed'), requests: whole('requests'), width: whole('width') };
  const only = values.only?.split(',');
  const filter = values.only === undefined ? '' : ` --only '${values.only}'`;
  say(
    `${requests} requests, seed ${seed}; to repeat: npm run fuzz -- --requests ${requests} --seed ${seed} --width ${width}${filter}`,
  );
  const stopStack = await setup();
  const networks = createNetworks();
  const canaries = createCanaries();
  const system = await startSystem({ env: networks.env });
  const began = performance.now();
  try {
    const tally = await fuzz({
      url: system.urls.ingest,
      networks,
      canaries,
      requests,
      seed,
      width,
      ...(values.path !== undefined && { path: values.path }),
      ...(only !== undefined && { only }),
      folder: join(root, '.tokenline/fuzz'),
      onProgress: (sent) => say(`${sent} of ${requests} after ${Math.round((performance.now() - began) / 1_000)} s`),
    });
    process.stdout.write(`${summaryOf(tally)}\n`);
    const { faults, good, places, bytes } = await aftermath({ system, networks, canaries, tally }, say);
    process.stdout.write(
      `${good} good messages went through afterwards; ${canaries.all.size} secrets looked for in ${places} places, ${Math.round(bytes / 1e6)} MB.\n`,
    );
    for (const fault of faults) process.stdout.write(`✗ ${fault}\n`);
    if (faults.length > 0) process.exitCode = 1;
  } catch (error) {
    if (!(error instanceof FuzzFailed)) throw error;
    process.stdout.write(`✗ ${error.message}\n  Logs of the services: ${join(system.home, 'logs')}\n`);
    process.exitCode = 1;
  } finally {
    await system.stop();
    await stopStack();
  }
}

function whole(name: 'requests' | 'seed' | 'width'): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= (name === 'seed' ? 0 : 1)) return value;
  process.stderr.write(`--${name} is '${values[name]}': it must be a whole number.\n`);
  process.exit(2);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
