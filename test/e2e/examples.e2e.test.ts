/**
 * The domain page's examples 9.1 and 9.2 (visa-vts-and-thredd-ehi.md), delivered in every order, each message twice, must end in exactly the same
 * token with exactly one completion notice; a declined request and a card-on-file token in none.
 */
import { type Delivery, declined, type EhiToken, green, withoutDevice, yellow } from '@tokenline/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completionsByToken } from '../log-reading.js';
import { type Notice, type System, startSystem } from '../system.js';
import {
  aliasOf,
  inParallel,
  messagesOfFlow,
  permutations,
  pictureOf,
  postUntilAcknowledged,
  testToken,
  untilComplete,
} from '../traffic.js';
import { until } from '../wait.js';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.stop());

const start = Date.UTC(2030, 0, 15, 10, 0, 0);
const halfHour = 30 * 60 * 1000;

interface Case {
  readonly token: EhiToken;
  readonly deliveries: readonly Delivery[];
  /** When the flow is complete: the last message of it in order of happening. */
  readonly completedAt: number;
}

const twice = <T>(items: readonly T[]): T[] => items.flatMap((item) => [item, item]);
const timeOf = (message: Delivery): number => message.at;

/** Each order of a flow as a token of its own: each message twice in a row, or the whole order twice. */
function everyOrder(firstId: number, flow: ReturnType<typeof green>, repeatWhole: boolean): Case[] {
  const orders = permutations(flow.steps.map((_step, index) => index));
  return orders.map((order, n) => {
    const token = testToken(firstId + n);
    const messages = messagesOfFlow(token, flow, start);
    const ordered = order.map((index) => messages[index] as Delivery);
    return {
      token,
      deliveries: repeatWhole ? [...ordered, ...ordered] : twice(ordered),
      completedAt: timeOf(messages.at(-1) as Delivery),
    };
  });
}

async function deliver(cases: readonly Case[]): Promise<void> {
  const lists = cases.map((each) => each.deliveries);
  await inParallel(lists, 16, (message) => postUntilAcknowledged(system, message));
}

async function expectCompleted({ token, completedAt }: Case, path: 'GREEN' | 'YELLOW'): Promise<void> {
  const found = await untilComplete(system, token);
  expect(pictureOf(found)).toEqual({ status: 'ACTIVE', outcome: 'COMPLETED', path, suspendedBy: [] });
  expect(found.provisioning.completedAt).toBe(new Date(completedAt).toISOString());
  const notices = await until(`${aliasOf(token)} has its notice`, async () => {
    const { items } = await system.ask<{ items: Notice[] }>(
      `/v1/notices?tokenId=${found.tokenId}&kind=PROVISIONING_COMPLETED`,
    );
    return items.length > 0 && items.every((notice) => notice.outcome !== null) ? items : undefined;
  });
  expect(notices).toHaveLength(1);
  const [notice] = notices as [Notice];
  expect(notice.outcome).toBe('MET');
  expect(Date.parse(notice.deadlineAt ?? '')).toBe(completedAt + halfHour);
  expect(Date.parse(notice.dueAt)).toBeLessThanOrEqual(completedAt + halfHour);
}

describe('example 9.1, Visa green', () => {
  const cases = [...everyOrder(1, green('VISA-T'), false), ...everyOrder(101, green('VISA-T'), true)];

  it('ends ACTIVE, COMPLETED, GREEN with one notice within 30 minutes of the TCN, in all six orders, each message twice', async () => {
    await deliver(cases);
    for (const each of cases) await expectCompleted(each, 'GREEN');
  });
});

describe('example 9.2, Visa yellow', () => {
  const cases = everyOrder(1001, yellow('VISA-T'), false);

  it('ends ACTIVE, COMPLETED, YELLOW at the final TEN and not at the TCN, with one notice, in all 120 orders, each message twice', async () => {
    await deliver(cases);
    for (const each of cases) await expectCompleted(each, 'YELLOW');
  }, 180_000);
});

describe('flows nobody is notified of', () => {
  it('a declined request is INACTIVE, DECLINED, RED', async () => {
    const token = testToken(2001, 'VISA-T', { paymentTokenId: 0 });
    for (const message of twice(messagesOfFlow(token, declined('VISA-T'), start))) {
      await postUntilAcknowledged(system, message);
    }
    const found = await until('the declined token is there', () => system.token(aliasOf(token)));
    expect(pictureOf(found)).toEqual({ status: 'INACTIVE', outcome: 'DECLINED', path: 'RED', suspendedBy: [] });
  });

  it.each(['VISA-T', 'MC-MDES'] as const)('a %s card-on-file token is ACTIVE', async (network) => {
    const token = testToken(network === 'VISA-T' ? 2002 : 2003, network, { type: 'CF', wallet: 'MRCHTOKEN' });
    for (const message of twice(messagesOfFlow(token, withoutDevice(network), start))) {
      await postUntilAcknowledged(system, message);
    }
    const found = await until('the token is active', async () => {
      const now = await system.token(aliasOf(token));
      return now?.status === 'ACTIVE' && now;
    });
    expect(pictureOf(found)).toMatchObject({ status: 'ACTIVE', outcome: 'COMPLETED' });
  });
});

it('after all that, each completion was announced once, and only device tokens have notices', async () => {
  const devices = 12 + 120;
  const completions = await completionsByToken(system);
  expect([...completions.values()].filter((count) => count !== 1)).toEqual([]);
  expect(completions.size).toBe(devices + 2);
  const noticesOf = (kind: string) => system.askAll<Notice>(`/v1/notices?limit=500&kind=${kind}`);
  const notices = await noticesOf('PROVISIONING_COMPLETED');
  expect(notices).toHaveLength(devices);
  expect(new Set(notices.map((notice) => notice.tokenId)).size).toBe(devices);
  expect(await noticesOf('ACTIVATION_CODE'), 'one for each yellow flow').toHaveLength(120);
});
