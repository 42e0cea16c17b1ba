/**
 * `tokenline verify` on a running system: right after a busy day every invariant holds, with MongoDB and without; and a release with a bug in its
 * mapper, its fold or its projector (test/mutation.js) is caught by the invariant that names the damage.
 */
import { type Delivery, type Flow, followedBy, green, withoutDevice, withStep, yellow } from '@tokenline/cli';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readDecoded } from '../log-reading.js';
import { type System, startSystem } from '../system.js';
import { tokenline, withMutation } from '../tokenline.js';
import { aliasOf, inParallel, messagesOfFlow, postSplitToken, postUntilAcknowledged, testToken } from '../traffic.js';
import { until } from '../wait.js';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.stop());

const start = Date.UTC(2030, 0, 15, 10, 0, 0);

interface Verdict {
  readonly code: string;
  readonly outcome: string;
  readonly checked: number;
  readonly offenders: readonly { readonly what: string }[];
}

interface Verified {
  readonly exitCode: number | null;
  readonly said: string;
  readonly verdicts: readonly Verdict[];
  readonly broken: readonly string[];
}

async function verify(env: NodeJS.ProcessEnv = {}): Promise<Verified> {
  const { code, out, err } = await tokenline(system, ['verify', '--json', '--wait', '60'], env);
  const { verdicts } = JSON.parse(out || '{"verdicts":[]}') as { verdicts: Verdict[] };
  const broken = verdicts.filter((verdict) => verdict.outcome === 'broken').map((verdict) => verdict.code);
  return { exitCode: code, said: err, verdicts, broken };
}

/** Replaces a service by its next release. */
async function release(service: 'ingest' | 'lifecycle' | 'projector', env?: NodeJS.ProcessEnv): Promise<void> {
  await system.kill(service, 'SIGTERM');
  await system.start(service, env);
}

/** A token asked for 40 days ago, and never heard of again: its deadlines pass at once, one after the other. */
async function postForgotten(token: ReturnType<typeof testToken>): Promise<void> {
  const daysAgo = Date.now() - 40 * 86_400_000;
  await send(messagesOfFlow(token, yellow('VISA-T'), daysAgo).slice(0, 2));
  await until('the token is given up', async () => {
    const found = await system.token(aliasOf(token));
    return found?.provisioning.outcome === 'ABANDONED' && found;
  });
  const { out } = await tokenline(system, ['timeline', aliasOf(token)]);
  expect(out).toMatch(/TOKENLINE +DEADLINE_PASSED +DeadlinePassed +PROVISIONING_UNFINISHED since \d{4}-/);
  const { text } = await system.send('GET', `${system.urls.lifecycle}/metrics`);
  expect(text).toContain('tokenline_lifecycle_deadlines_fired_total{purpose="PROVISIONING_UNFINISHED"} 2');
}

async function send(messages: readonly Delivery[]): Promise<void> {
  for (const message of messages) await postUntilAcknowledged(system, message);
}

it('finds every invariant kept after a busy day', async () => {
  const suspended = followedBy(green('VISA-T'), [{ kind: 'TEN', after: 50, why: 81, status: 'S', source: 'ISSUER' }]);
  const flows: readonly Flow[] = [
    green('VISA-T'),
    yellow('VISA-T'),
    suspended,
    withStep(yellow('VISA-T'), 1, { repeatAfter: 60 }),
  ];
  const lives = flows.flatMap((flow, f) =>
    Array.from({ length: 10 }, (_, n) => {
      const messages = messagesOfFlow(testToken(1_000 + f * 100 + n), flow, start);
      return n % 2 === 0 ? messages : messages.toReversed();
    }),
  );
  lives.push(messagesOfFlow(testToken(1_900, 'MC-MDES'), green('MC-MDES'), start));
  lives.push(messagesOfFlow(testToken(1_901, 'VISA-T', { type: 'CF' }), withoutDevice('VISA-T'), start));
  await inParallel(lives, 8, (message) => postUntilAcknowledged(system, message));
  await system.postEhi({ Proc_Code: '990000' });
  await postSplitToken(system, start);
  await postForgotten(testToken(1_902));

  const all = await verify();
  expect(all.verdicts.filter((verdict) => verdict.outcome !== 'holds')).toEqual([]);
  expect(all.exitCode).toBe(0);
  expect(all.verdicts.filter((verdict) => verdict.checked === 0)).toEqual([]);

  const alone = await verify({ TOKENLINE_MONGODB_URI: 'mongodb://127.0.0.1:1/?replicaSet=none' });
  expect(alone.broken).toEqual([]);
  expect(alone.exitCode).toBe(0);
  expect(alone.verdicts.filter((verdict) => verdict.outcome === 'not-checked').length).toBeGreaterThan(0);
}, 180_000);

it('catches a mapper that drops a fact', async () => {
  await release('ingest', withMutation('mapper'));
  await send(messagesOfFlow(testToken(2_000), green('VISA-T'), start));
  const { broken, exitCode, said } = await verify();
  expect(broken).toEqual(['INBOUND_ANSWERED']);
  expect(exitCode).toBe(1);
  expect(said).toContain('INBOUND_ANSWERED');
  await release('ingest');
}, 180_000);

it('catches a projector that applies an older version', async () => {
  await system.kill('projector', 'SIGTERM');
  const token = testToken(3_000);
  await send(messagesOfFlow(token, green('VISA-T'), start));
  await until('the token is complete in the log', async () => {
    const events = await readDecoded(system, 'token.lifecycle');
    return events.some(
      ({ type, value }) =>
        type === 'tokenline.lifecycle.TokenChanged' &&
        value.state.provisioning.outcome === 'COMPLETED' &&
        value.state.aliases.some(({ kind, value: name }) => `${kind}:${name}` === aliasOf(token)),
    );
  });
  await system.start('projector', withMutation('projector'));
  const { broken } = await verify();
  expect(broken).toEqual(['INBOUND_ANSWERED', 'TOKENS_CURRENT']);
  await release('projector');
}, 180_000);

it('catches a fold that completes too early, even when its own fold has the same bug', async () => {
  await release('lifecycle', withMutation('fold'));
  await send(messagesOfFlow(testToken(4_000), yellow('VISA-T'), start));
  const sound = await verify();
  const early = ['TRANSITIONS_LEGAL', 'COMPLETION_FOLLOWS_FACTS'];
  expect(sound.broken).toEqual(expect.arrayContaining([...early, 'STATE_IS_FOLD']));
  // Tokens of before are folded rightly: the broken fold finds fault with itself there, and the reckoning needs no fold.
  const alike = await verify(withMutation('fold'));
  expect(alike.broken).toEqual(expect.arrayContaining(early));
}, 180_000);
