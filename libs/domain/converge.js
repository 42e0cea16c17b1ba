/**
 * npm run converge -w libs/domain [-- --stories N --orders N --seed N]
 *
 * Plays generated stories of tokens in random orders with repeats and delays, on every processor, and says whether all orders end alike.
 * Stories come in chunks, each with a seed made from the run's: the same seed gives the same stories, however many processors there are.
 */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

const chunkSize = 50;

if (isMainThread) await main();
else await serve();

async function main() {
  const { values } = parseArgs({
    options: {
      stories: { type: 'string', default: '10000' },
      orders: { type: 'string', default: '20' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    },
  });
  const [stories, orders, seed] = [values.stories, values.orders, values.seed].map(wholeNumber);
  say(`Seed ${seed}: ${stories} stories, each in ${orders} orders.`);
  const startedAt = performance.now();
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  const chunks = Array.from({ length: Math.ceil(stories / chunkSize) }, (_, chunk) => ({
    seed: (Math.imul(seed, 0x9e3779b1) + chunk) | 0,
    numRuns: Math.min(chunkSize, stories - chunk * chunkSize),
    orders,
  }));
  let done = 0;
  let messages = 0;
  const failures = [];
  const ticker = setInterval(() => say(`${done} of ${stories} stories agree, ${seconds()} …`), 5_000);
  const work = async () => {
    const worker = new Worker(new URL(import.meta.url));
    for (let chunk = chunks.shift(); chunk !== undefined && failures.length === 0; chunk = chunks.shift()) {
      const checked = await ask(worker, chunk);
      if (checked.failure !== undefined) failures.push(checked.failure);
      done += chunk.numRuns;
      messages += checked.messages;
    }
    await worker.terminate();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  clearInterval(ticker);
  if (failures.length > 0) {
    say(`${failures[0]}\nSeed ${seed}. To see it again: npm run converge -w libs/domain -- --seed ${seed}`);
    process.exitCode = 1;
  } else {
    say(`${stories} stories (${messages} messages) × ${orders} orders agree, in ${seconds()}. Seed ${seed}.`);
  }
}

/** Answers each chunk with what checkStories says of it. */
async function serve() {
  const { checkStories } = await import('./dist/testing/convergence.js');
  const { stories } = await import('./dist/testing/stories.js');
  parentPort?.on('message', (chunk) => parentPort?.postMessage(checkStories(stories, chunk)));
}

async function ask(worker, chunk) {
  // Fails when the worker does.
  const answer = once(worker, 'message');
  worker.postMessage(chunk);
  return (await answer)[0];
}

function wholeNumber(text) {
  if (!/^\d+$/.test(text)) throw new Error(`'${text}' is not a whole number.`);
  return Number(text);
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
