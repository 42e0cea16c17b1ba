/**
 * The soak: the whole way at a steady rate for minutes. Memory of each service and the records waiting are sampled every five seconds; a line
 * through the samples after the first fifth (caches and compilers need some time) says whether either grows. Ends with `tokenline verify`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { serviceNames } from '@tokenline/runtime';
import { root } from '../root.js';
import type { System } from '../system.js';
import { anonymousMiB } from './cpu.js';
import type { Say } from './say.js';
import { slopeOf } from './stats.js';
import { openWay, type Way } from './way.js';

export interface Soaked {
  readonly minutes: number;
  readonly rate: number;
  readonly messages: number;
  /** Answered 503 and sent again. */
  readonly repeated: number;
  readonly ackP99: number;
  readonly visibleP99: number;
  readonly mostBehind: number;
  /** Records waiting, slope a minute. */
  readonly behindPerMinute: number;
  /** By service, MiB without files. */
  readonly memory: Readonly<
    Record<string, { readonly first: number; readonly last: number; readonly perMinute: number }>
  >;
  readonly verified: boolean;
}

interface Sample {
  readonly minute: number;
  readonly behind: number;
  readonly memory: Readonly<Record<string, number>>;
}

const everyMs = 5_000;

/** `rate` in messages a second; when left out, 60 % of what a flood gets through. */
export async function measureSoak(
  { minutes, rate: given }: { readonly minutes: number; readonly rate?: number },
  say: Say,
): Promise<readonly Soaked[]> {
  const way = await openWay();
  try {
    await way.flood(2_000);
    const rate = given ?? Math.max(4, Math.round((await way.flood(10_000)).perSecond * 0.6));
    say(`soak: ${rate} messages/s for ${minutes} minutes`);
    const samples: Sample[] = [];
    const sampling = sampleEvery(way, samples, say);
    const steady = await way.steady(rate, minutes * 60);
    await sampling.stop();
    const settled = samples.filter(({ minute }) => minute >= minutes / 5);
    const of = (pick: (sample: Sample) => number): readonly (readonly [number, number])[] =>
      settled.map((sample) => [sample.minute, pick(sample)] as const);
    say('soak: verifying');
    return [
      {
        minutes,
        rate,
        messages: steady.messages,
        repeated: steady.repeated,
        ackP99: steady.ackP99,
        visibleP99: steady.visibleP99,
        mostBehind: Math.max(0, ...samples.map(({ behind }) => behind)),
        behindPerMinute: slopeOf(of(({ behind }) => behind)),
        memory: Object.fromEntries(
          serviceNames.map((service) => [
            service,
            {
              first: settled[0]?.memory[service] ?? 0,
              last: settled.at(-1)?.memory[service] ?? 0,
              perMinute: slopeOf(of(({ memory }) => memory[service] ?? 0)),
            },
          ]),
        ),
        verified: await verified(way.system, say),
      },
    ];
  } finally {
    await way.close();
  }
}

function sampleEvery({ system, behind }: Way, samples: Sample[], say: Say) {
  const started = performance.now();
  let stopped = false;
  let saidAt = started;
  const sampling = (async () => {
    while (!stopped) {
      const minute = (performance.now() - started) / 60_000;
      const memory = Object.fromEntries(
        serviceNames.map((service) => [service, anonymousMiB(system.instance(service).process.pid)]),
      );
      const sample = { minute, behind: await behind(), memory };
      samples.push(sample);
      if (performance.now() - saidAt > 60_000) {
        saidAt = performance.now();
        const sizes = Object.entries(memory).map(([name, size]) => `${name} ${size.toFixed(0)}`);
        say(`soak: minute ${minute.toFixed(0)}: ${sample.behind} records waiting; MiB: ${sizes.join(' ')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  })();
  return {
    stop: () => {
      stopped = true;
      return sampling;
    },
  };
}

/** Whether every invariant holds; says what does not. */
async function verified(system: System, say: Say): Promise<boolean> {
  const cli = join(root, 'services/cli/bin/tokenline.js');
  const child = spawn(process.execPath, [cli, 'verify', '--wait', '60'], { env: system.env });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) say(said);
  return code === 0;
}
