/** Process: the least that tells a webhook: requests of a notice's size by fetch, so many under way at once. */
import { childArgs, tellParent } from '../child.js';
import { now } from '../clock.js';

export interface PostsArgs {
  readonly url: string;
  readonly count: number;
  readonly underWay: number;
}
export interface PostsSays {
  readonly seconds: number;
  readonly cpuMs: number;
}

const { url, count, underWay } = childArgs<PostsArgs>();
const body = JSON.stringify({ type: 'notice.provisioning_completed', data: { text: 'x'.repeat(700) } });

async function post(requests: number): Promise<void> {
  let left = requests;
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      await response.text();
    }
  };
  await Promise.all(Array.from({ length: underWay }, worker));
}

process.on('disconnect', () => process.exit());
await post(500);
const cpu = process.cpuUsage();
const started = now();
await post(count);
const { user, system } = process.cpuUsage(cpu);
tellParent({ seconds: (now() - started) / 1_000, cpuMs: (user + system) / 1_000 });
