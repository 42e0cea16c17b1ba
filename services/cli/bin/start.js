/**
 * `npm start`: builds what has changed, then runs `tokenline up` in this very process. Arguments after `--` are passed on:
 * `npm start -- --no-sample`, `npm start -- --fresh`.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const turbo = fileURLToPath(new URL('../../../node_modules/turbo/bin/turbo', import.meta.url));
const remarkEveryMs = 2_500;

if ((await build()) === 0) {
  process.argv.splice(2, 0, 'up');
  await import('../dist/main.js');
} else {
  process.stderr.write('tokenline: the build failed; what it said is above.\n');
  process.exitCode = 1;
}

/** Exit code of the build; its output is shown only when it fails. */
async function build() {
  const child = spawn(process.execPath, [turbo, 'run', 'build', '--output-logs=errors-only', '--no-update-notifier'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TOKENLINE_NODE_VERSION: process.version },
  });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(chunk));
  const startedAt = performance.now();
  const remarks = setInterval(() => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    process.stdout.write(`Still building what has changed, ${seconds} s so far …\n`);
  }, remarkEveryMs);
  const code = await new Promise((resolve) => child.on('close', resolve));
  clearInterval(remarks);
  if (code !== 0) process.stderr.write(Buffer.concat(said));
  return code;
}
