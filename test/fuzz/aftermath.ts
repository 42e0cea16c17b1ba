/**
 * What has to be true of a system once a run is over: everything acknowledged is in the log and has become a fact or a dead letter, everything refused
 * is a dead letter, nothing secret lies in clear anywhere, good messages still go through at every door, and nothing lags behind.
 */
import { randomInt } from 'node:crypto';
import { type Canaries, findCanaries } from '../canaries.js';
import { lastingOf } from '../everything.js';
import { readDecoded } from '../log-reading.js';
import type { System } from '../system.js';
import { tokenline } from '../tokenline.js';
import { doorOf, judge } from './answers.js';
import type { Networks } from './envelopes.js';
import { operations } from './operations.js';
import { wireOf } from './request.js';
import type { Tally } from './run.js';
import { createSecrets } from './secrets.js';
import { createClient } from './wire.js';

export interface Aftermath {
  /** Everything found wrong, a sentence each. */
  readonly faults: readonly string[];
  /** Good messages that went through. */
  readonly good: number;
  /** Places searched for secrets, and how many bytes they hold. */
  readonly places: number;
  readonly bytes: number;
}

interface Seen {
  readonly system: System;
  readonly networks: Networks;
  readonly canaries: Canaries;
  readonly tally: Tally;
}

export async function aftermath(
  { system, networks, canaries, tally }: Seen,
  say: (line: string) => void,
): Promise<Aftermath> {
  say('Counting what was acknowledged and what was refused …');
  const faults = [...(await miscounted(system, tally))];
  say('Sending good messages to every door …');
  const { good, refused } = await goodMessages(system, networks, canaries);
  faults.push(...refused);
  say('Verifying every invariant, once nothing is on its way …');
  const verified = await tokenline(system, ['verify', '--wait', '180']);
  if (verified.code !== 0) faults.push(`An invariant is broken:\n${verified.out}${verified.err}`);
  say('Searching everything that lasts for secrets …');
  const places = await lastingOf(system);
  let bytes = 0;
  for (const [place, content] of places) {
    bytes += content.length;
    for (const { from } of findCanaries(place, content, canaries.all))
      faults.push(`${from} lies in clear in ${place}.`);
  }
  return { faults, good, places: places.size, bytes };
}

/** Acknowledgements and messages in the log, refusals and dead letters: as many of one as of the other. */
async function miscounted(system: System, tally: Tally): Promise<readonly string[]> {
  const inbound = await readDecoded(system, 'tsp.inbound');
  const letters = await readDecoded(system, 'token.dead-letters');
  const wrong: string[] = [];
  for (const [source, taken] of tally.taken) {
    const found = inbound.filter(({ value }) => 'source' in value && value.source === source).length;
    if (found !== taken) wrong.push(`${taken} messages of ${source} were acknowledged, ${found} are in the log.`);
  }
  const edge = letters.filter(({ value }) => 'stage' in value && value.stage === 'EDGE').length;
  if (edge !== tally.putAside)
    wrong.push(`${tally.putAside} messages were refused, ${edge} dead letters are in the log.`);
  return wrong;
}

/** Every case of every operation as it should be, about tokens nobody has heard of, enough of them to reach every partition. */
async function goodMessages(system: System, networks: Networks, canaries: Canaries) {
  const client = createClient(system.urls.ingest, 15_000);
  const secrets = createSecrets(canaries);
  const refused: string[] = [];
  let good = 0;
  try {
    for (const operation of operations) {
      for (let pick = 0; pick < Math.max(operation.cases.length, 3); pick++) {
        const numbers = { pick, token: 500_000 + good, serial: randomInt(2 ** 32, 2 ** 33) };
        const untouched = {
          outside: [],
          inside: [],
          envelope: 'none',
          insideText: null,
          text: null,
          http: null,
        } as const;
        const wire = await wireOf({ operation: operation.name, ...numbers, ...untouched }, Date.now(), {
          networks,
          secrets,
        });
        const answer = await client.send(wire);
        const { column, faults } = judge(doorOf(wire.path), answer);
        if (/^20[02]$/.test(column) && faults.length === 0) good += 1;
        else
          refused.push(
            `A good message of ${operation.name} (${pick}) was answered ${column}: ${answer.text.slice(0, 400)}`,
          );
      }
    }
  } finally {
    client.close();
  }
  return { good, refused };
}
