import { describe, expect, it } from 'vitest';
import type { Answer, Door } from './door.js';
import { publishAll } from './publisher.js';

/** A door that answers each message's tries in turn. */
function doorAnswering(answers: Readonly<Record<string, readonly number[]>>) {
  const tries = new Map<string, number>();
  let open = 0;
  let most = 0;
  const door: Door = {
    url: 'http://127.0.0.1:1',
    json: () => Promise.reject(new Error('not asked')),
    send: async (_path, request): Promise<Answer> => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => setTimeout(resolve, 1));
      open -= 1;
      const body = request?.body ?? '';
      const n = tries.get(body) ?? 0;
      tries.set(body, n + 1);
      const status = answers[body]?.[n] ?? 200;
      return {
        status,
        ok: status < 300,
        text: '{"title":"No good","errors":[{"path":"TXn_ID","message":"is missing"}]}',
        retryAfterSeconds: 0,
      };
    },
  };
  return { door, tries, most: () => most };
}

const messages = (...texts: string[]) => texts.map((text) => ({ text, contentType: 'application/json' as const }));

describe('publishing', () => {
  it('sends again what the log could not take, and never what the door refused', async () => {
    const { door, tries } = doorAnswering({ a: [503, 503, 200], b: [422] });
    const result = await publishAll(door, messages('a', 'b', 'c'), { source: 'thredd-ehi' });
    expect(result).toEqual({
      sent: 3,
      acknowledged: 2,
      refused: [{ message: 2, status: 422, why: 'answered 422: No good (TXn_ID: is missing)' }],
    });
    expect(Object.fromEntries(tries)).toEqual({ a: 3, b: 1, c: 1 });
  });

  it('keeps no more than its share of messages under way', async () => {
    const { door, most } = doorAnswering({});
    await publishAll(door, messages(...Array.from({ length: 40 }, (_, n) => String(n))), {
      source: 'facts',
      concurrency: 3,
    });
    expect(most()).toBe(3);
  });

  it('keeps to its rate', async () => {
    const { door } = doorAnswering({});
    const startedAt = performance.now();
    await publishAll(door, messages(...Array.from({ length: 21 }, (_, n) => String(n))), {
      source: 'facts',
      rate: 100,
    });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(195);
  });
});
