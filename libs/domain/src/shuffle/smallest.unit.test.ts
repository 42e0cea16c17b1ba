import { describe, expect, it } from 'vitest';
import type { TokenFact } from '../generated/records.js';
import { fact } from '../lifecycle/given.js';
import { smallestDisagreement } from './smallest.js';
import type { PlayedMessage } from './world.js';

const named = (...names: readonly string[]) => ({ aliases: names.map((value) => ({ kind: 'correlationId', value })) });

/** A message of these facts. */
function says(...facts: readonly TokenFact[]): PlayedMessage {
  return {
    read: (receivedAt) => ({ ok: true, facts: facts.map(({ tokenId: _, ...said }) => ({ ...said, receivedAt })) }),
  };
}

// A sender's mistake: one id for two facts. Whichever reaches the token first is believed.
const approval = (name: string) =>
  fact('PROVISIONING_REQUESTED', 0, { factId: 'f', decision: 'APPROVED', ...named(name) });
const decline = (name: string) =>
  fact('PROVISIONING_REQUESTED', 0, { factId: 'f', decision: 'DECLINED', ...named(name) });
const joining = (...names: readonly string[]) => fact('NOTED', 1, named(...names));
const outcome = expect.stringContaining('state.provisioning.outcome');

/** Messages about other tokens. */
const crowd = (count: number) =>
  Array.from({ length: count }, (_, i) =>
    says(fact('TOKEN_CREATED', i, { reportedStatus: 'ACTIVE', ...named(`other${i}`) })),
  );
const reversed = (messages: readonly unknown[]) => messages.map((_, place) => place).reverse();

describe('the smallest disagreement', () => {
  const chain = [
    says(approval('1')),
    ...['1', '2', '3', '4'].map((name) => says(joining(name, `${Number(name) + 1}`))),
    says(decline('5')),
  ];

  it('has every message it takes, and an order without delays where one shows it', () => {
    for (const order of [reversed(chain), [5, 4, 0, 3, 2, 5, 1, 0]]) {
      const { messages, delivery, differences } = smallestDisagreement(chain, { order, delays: 7 });
      expect(messages).toEqual([0, 1, 2, 3, 4, 5]);
      expect(delivery).not.toHaveProperty('delays');
      expect(delivery.order).toHaveLength(6);
      expect(differences).toContainEqual(outcome);
    }
  });

  it('has no other message, wherever in the capture it is', () => {
    const [first, ...rest] = chain as [PlayedMessage];
    const messages = [...crowd(5), first, ...crowd(9), ...rest, ...crowd(2)];
    const found = smallestDisagreement(messages, { order: reversed(messages), delays: 1 });
    expect(found.messages).toEqual([5, 15, 16, 17, 18, 19]);
    expect(found.contested).toBe(false);
  });

  it('keeps a repeat that it takes, and no other', () => {
    // A mapper that makes an id of the time of receipt: a repeat is a fact of its own.
    const faulty: PlayedMessage = {
      read: (receivedAt) => says(fact('NOTED', 0, { factId: `at${receivedAt}`, ...named('1') })).read(receivedAt),
    };
    expect(smallestDisagreement([...crowd(2), faulty], { order: [2, 0, 2, 1, 0, 2] })).toMatchObject({
      messages: [2],
      delivery: { order: [2, 2] },
    });
  });

  it('has delays where no order shows it without, whatever the delays were that did', () => {
    // Two tokens that are one with a third, each with its word: which is forwarded first is a matter of delays.
    const forwarded = says(joining('1'), approval('2'), decline('3'), joining('1', '2', '3'));
    const messages = [...crowd(4), forwarded, ...crowd(4)];
    for (const seed of [0, 1, 2, 3]) {
      const delivery = { order: reversed(messages), delays: seed };
      const found = smallestDisagreement(messages, delivery);
      expect(found).toMatchObject({ messages: [4], delivery: { order: [4], delays: expect.any(Number) } });
      expect(found.differences).toContainEqual(outcome);
    }
  });

  it('is found in a large capture without playing it for each of its messages', () => {
    let read = 0;
    const counted = ({ read: map }: PlayedMessage): PlayedMessage => ({
      read: (receivedAt) => {
        read += 1;
        return map(receivedAt);
      },
    });
    const messages = [says(approval('1')), ...crowd(100), says(decline('1'))].map(counted);
    expect(smallestDisagreement(messages, { order: reversed(messages) }).messages).toEqual([0, 101]);
    expect(read).toBeLessThan(50 * messages.length);
  });
});

describe('a promise not kept', () => {
  // Nobody has announced the completion, though a fact says so: then it never is.
  const lie = fact('FACTS_ABSORBED', 0, { otherTokenId: 'elsewhere', completionAnnounced: true, ...named('1') });
  const completion = fact('DEVICE_PROVISIONED', 1, { reportedStatus: 'ACTIVE', ...named('1') });
  const sentence = 'correlationId:1: complete, but never announced.';

  it('is told where it is the delivery that breaks it', () => {
    expect(smallestDisagreement([says(completion), ...crowd(6), says(lie)], { order: [7, 0] })).toMatchObject({
      messages: [0, 7],
      delivery: { order: [7, 0] },
      broken: [sentence],
    });
  });

  it('is told of the order given where that one breaks it', () => {
    expect(smallestDisagreement([says(lie), ...crowd(1), says(completion)], { order: [2, 1, 0] })).toMatchObject({
      messages: [0, 2],
      delivery: { order: [0, 2] },
      broken: [sentence],
      differences: [],
    });
  });
});
