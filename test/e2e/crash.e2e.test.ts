/** `kill -9` of any service in the midst of 2,000 messages, then a restart: every token ends as if nothing had happened, one notice for each completion. */
import {
  type Delivery,
  declined,
  type EhiToken,
  type Flow,
  failedCode,
  green,
  withoutDevice,
  withStep,
  yellow,
} from '@tokenline/cli';
import { serviceNames } from '@tokenline/runtime';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { completionsByToken } from '../log-reading.js';
import { type Notice, type System, startSystem, type Token } from '../system.js';
import { inParallel, messagesOfFlow, pictureOf, postUntilAcknowledged, testToken } from '../traffic.js';
import { until } from '../wait.js';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.stop());

const start = Date.UTC(2030, 0, 15, 10, 0, 0);
const messagesPerRun = 2_000;

/** What the traffic is made of: 21 messages, the repeats included, over six tokens. */
const mix: readonly Flow[] = [
  green('VISA-T'),
  withStep(green('VISA-T'), 2, { repeatAfter: 120 }),
  yellow('VISA-T'),
  failedCode(54),
  withoutDevice('VISA-T'),
  declined('VISA-T'),
];

interface Life {
  readonly token: EhiToken;
  readonly flow: Flow;
  readonly messages: readonly Delivery[];
}

/** `messagesPerRun` messages; every third token's are sent in the reverse order. */
function traffic(firstId: number): Life[] {
  const lives: Life[] = [];
  for (let count = 0, n = 0; count < messagesPerRun; n++) {
    const flow = mix[n % mix.length] as Flow;
    const type = flow === mix[4] ? ({ type: 'CF', wallet: 'MRCHTOKEN' } as const) : {};
    const token = testToken(firstId + n, 'VISA-T', type);
    const messages = messagesOfFlow(token, flow, start);
    lives.push({ token, flow, messages: n % 3 === 0 ? messages.toReversed() : messages });
    count += messages.length;
  }
  return lives;
}

async function tokensByPaymentId(): Promise<Map<string, Token>> {
  const tokens = await system.askAll<Token>('/v1/tokens?limit=500');
  const idOf = (token: Token) => token.aliases.find((alias) => alias.kind === 'threddPaymentTokenId')?.value ?? '';
  return new Map(tokens.map((token) => [idOf(token), token]));
}

const seen = { tokens: 0, notices: 0, codes: 0 };

it.each(serviceNames.map((service, index) => [service, (index + 1) * 10_000] as const))(
  'of the %s service',
  async (service, firstId) => {
    const lives = traffic(firstId);
    const all = lives.reduce((sum, life) => sum + life.messages.length, 0);
    expect(all).toBeGreaterThanOrEqual(messagesPerRun);
    let sent = 0;
    const sending = inParallel(
      lives.map((life) => life.messages),
      12,
      async (message) => {
        await postUntilAcknowledged(system, message);
        sent += 1;
      },
    );
    await until('two fifths are sent', () => sent > all * 0.4, 120_000);
    await system.kill(service);
    await system.start(service);
    await sending;

    seen.tokens += lives.length;
    seen.notices += lives.filter((life) => life.flow.ending.notice).length;
    seen.codes += lives.flatMap((life) => life.flow.steps).filter((step) => step.code !== undefined).length;
    const wrong = async (): Promise<unknown[]> => {
      const tokens = await tokensByPaymentId();
      return lives.flatMap(({ token, flow: { ending } }) => {
        const found = pictureOf(tokens.get(String(token.paymentTokenId)));
        const { notice: _notice, ...expected } = ending;
        const same =
          found !== undefined &&
          Object.entries(expected).every(([key, value]) => String(found[key as keyof typeof found]) === String(value));
        return same ? [] : [{ id: token.paymentTokenId, found, expected }];
      });
    };
    let left: unknown[] = [];
    await until(
      'every token is as if nothing had happened',
      async () => {
        left = await wrong();
        return left.length === 0;
      },
      120_000,
      () => ({ wrong: left.length, first: left[0] }),
    );
    let notices: Notice[] = [];
    const told = (kind: string) => notices.filter((notice) => notice.kind === kind);
    await until(
      'every completion and every code has its notice',
      async () => {
        // Changes of status are told as well, unless the next one was quicker: those are not counted here.
        const all = await system.askAll<Notice>('/v1/notices?limit=500');
        notices = all.filter(({ kind }) => kind === 'PROVISIONING_COMPLETED' || kind === 'ACTIVATION_CODE');
        return notices.length >= seen.notices + seen.codes && notices.every((notice) => notice.outcome !== null);
      },
      120_000,
      () => notices.length,
    );
    expect(notices).toHaveLength(seen.notices + seen.codes);
    expect(told('ACTIVATION_CODE')).toHaveLength(seen.codes);
    expect(new Set(told('PROVISIONING_COMPLETED').map((notice) => notice.tokenId)).size).toBe(seen.notices);
    expect(await system.askAll<Token>('/v1/tokens?limit=500')).toHaveLength(seen.tokens);
    const completions = await completionsByToken(system);
    expect([...completions.values()].filter((count) => count !== 1)).toEqual([]);
  },
  300_000,
);
