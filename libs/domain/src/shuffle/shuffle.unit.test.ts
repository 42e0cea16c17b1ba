import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fact } from '../lifecycle/given.js';
import { rejection } from '../reasons.js';
import { type EhiToken, ehiToken } from '../testing/ehi.js';
import { ehiLine, type NameLetter, nameLetters, type StoryLine } from '../testing/story.js';
import { endOf, everyOrder, playDelivery, randomDelivery, sameEnd } from './delivery.js';
import { seededChance } from './random.js';
import { shuffle } from './shuffle.js';
import { type PlayedMessage, play } from './world.js';

const noon = Date.UTC(2030, 0, 15, 12);
const token = ehiToken(1);

function said(
  messageId: number,
  fields: Record<string, string>,
  { about = token, names = nameLetters, seconds = messageId }: Partial<Said> = {},
): StoryLine {
  return ehiLine({ token: about, messageId, at: noon + seconds * 1_000, names }, fields);
}

interface Said {
  readonly about: EhiToken;
  readonly names: readonly NameLetter[];
  readonly seconds: number;
}

const tar = { Proc_Code: '330000', Resp_Code_DE39: '00' };
const decline = { Proc_Code: '330000', Resp_Code_DE39: '05' };
const tcn = { Proc_Code: '350000', PaymentToken_creatorStatus: 'A' };
const suspension = { Message_Why: '81', Message_Source: 'ISSUER' };
const options = { orders: 30, seed: 1 };

describe('shuffling messages', () => {
  it('finds that the order does not matter, and says what was played', () => {
    const other = ehiToken(2);
    const messages = [said(1, tar), said(2, tcn), said(3, suspension), said(4, tcn, { about: other })];
    const played: number[] = [];
    const shuffled = shuffle(messages, { ...options, onOrder: (count) => played.push(count) });
    expect(shuffled).toEqual({ orders: 30, tokens: 2, overtaken: 0, announcedTwice: 0, contested: false });
    expect(played).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  });

  it('plays every order of a few, if asked', () => {
    const messages = [said(1, tar), said(2, tcn), said(3, suspension)];
    expect(shuffle(messages, { ...options, everyOrderOfFew: true }).orders).toBe(36);
    expect(shuffle([], { ...options, everyOrderOfFew: true }).orders).toBe(31);
    const many = Array.from({ length: 6 }, (_, i) => said(i, suspension));
    expect(shuffle(many, { ...options, everyOrderOfFew: true }).orders).toBe(30);
  });

  it('plays the same orders for the same seed in every release, so that a seed noted shows the same again', () => {
    const read: number[] = [];
    const messages = Array.from({ length: 6 }, (_, place) => ({
      read: () => {
        read.push(place);
        return { ok: false as const, rejection: rejection('NOT_JSON') };
      },
    }));
    shuffle(messages, { orders: 2, seed: 7 });
    expect(read).toEqual([0, 1, 2, 3, 4, 5, ...[2, 4, 0, 0, 5, 1, 1, 3], ...[4, 4, 3, 0, 5, 0, 1, 2, 2]]);
  });

  it('finds a promise the order given does not keep, before it plays any other', () => {
    const { tokenId: _, ...lie } = fact('FACTS_ABSORBED', 0, {
      otherTokenId: 'elsewhere',
      completionAnnounced: true,
      aliases: [{ kind: 'threddPaymentTokenId', value: token.paymentTokenId }],
    });
    const messages = [{ read: () => ({ ok: true as const, facts: [lie] }) }, said(1, tar), said(2, tcn)];
    expect(shuffle(messages, options)).toMatchObject({
      orders: 0,
      disagreement: {
        messages: [0, 2],
        delivery: { order: [0, 2] },
        broken: [expect.stringContaining('never announced')],
      },
    });
  });

  it('tells messages a mapper refuses from disagreement', () => {
    const refused = said(3, { PaymentToken_creator: 'nobody' });
    expect(shuffle([said(1, tar), refused, said(2, tcn)], options)).not.toHaveProperty('disagreement');
  });

  it('counts the orders in which a completion was announced that did not last', () => {
    const { overtaken, disagreement } = shuffle([said(5, tcn), said(1, decline)], {
      ...options,
      orders: 0,
      everyOrderOfFew: true,
    });
    expect(disagreement).toBeUndefined();
    expect(overtaken).toBe(1);
  });

  it('counts the orders in which both of two tokens were announced that turned out to be one', () => {
    const halves = [
      said(1, tcn, { names: ['P'] }),
      said(2, tcn, { names: ['X'] }),
      said(3, suspension, { names: ['P', 'X'] }),
    ];
    const { announcedTwice, disagreement } = shuffle(halves, { ...options, orders: 0, everyOrderOfFew: true });
    expect(disagreement).toBeUndefined();
    expect(announcedTwice).toBe(2);
  });
});

describe('a disagreement', () => {
  const crowd = Array.from({ length: 12 }, (_, i) =>
    said(100 + i, i % 2 === 0 ? tar : tcn, { about: ehiToken(10 + i) }),
  );

  it('is shown by as few messages as it takes, in the plainest order', () => {
    // The trace is shared by two tokens: a message that names nothing else goes to whichever was there first.
    const second = ehiToken(2, { trace: token.trace });
    const contest = [said(1, tar), said(2, tcn, { about: second }), said(3, suspension, { names: ['X'] })];
    const [a, b, c] = contest as [StoryLine, StoryLine, StoryLine];
    const messages = [...crowd.slice(0, 5), a, ...crowd.slice(5, 9), b, ...crowd.slice(9), c];
    const { disagreement, contested } = shuffle(messages, options);
    expect(contested).toBe(true);
    expect(disagreement).toMatchObject({ messages: [5, 10, 14], contested: true, broken: [] });
    expect(new Set(disagreement?.delivery.order)).toEqual(new Set([5, 10, 14]));
    expect(disagreement?.delivery).not.toHaveProperty('delays');
    const name = `threddPaymentTokenId:${token.paymentTokenId}`;
    expect(
      disagreement?.differences.filter((line) => line.includes(name) && line.includes('state.status')),
    ).toHaveLength(1);
  });

  it('is found between two messages that share an id but not their words', () => {
    const messages = [...crowd.slice(0, 3), said(7, tar), ...crowd.slice(3), said(7, decline)];
    const { disagreement } = shuffle(messages, options);
    expect(disagreement).toMatchObject({ messages: [3, 13], delivery: { order: [13, 3] }, contested: false });
    expect(disagreement?.differences.join('\n')).toMatch(/provisioning\.outcome REQUESTED \| DECLINED/);
  });

  it('is the same for the same seed', () => {
    const messages = [...crowd, said(7, tar), said(7, decline)];
    expect(shuffle(messages, options)).toEqual(shuffle(messages, options));
  });
});

describe('every order', () => {
  it('is each order once', () => {
    const orders = everyOrder([2, 3, 5, 7]).map((order) => order.join());
    expect(new Set(orders).size).toBe(24);
    expect(orders.every((order) => [...order.split(',')].sort().join() === '2,3,5,7')).toBe(true);
    expect(everyOrder([])).toEqual([[]]);
  });

  it('is none of more than five: too many', () => {
    expect(everyOrder([0, 1, 2, 3, 4])).toHaveLength(120);
    expect(everyOrder([0, 1, 2, 3, 4, 5])).toEqual([]);
  });
});

describe('names that contradict each other', () => {
  const names = [
    ...['1', '2'].map((value) => ({ kind: 'threddPaymentTokenId', value })),
    ...['1', '2'].map((value) => ({ kind: 'networkTokenReference', value })),
    ...['x', 'y', 'z'].map((value) => ({ kind: 'lifecycleTraceId', value })),
  ];
  const message = fc.subarray(names, { minLength: 1, maxLength: 3 }).map((aliases): PlayedMessage => {
    const { tokenId: _, ...draft } = fact('NOTED', 0, { aliases });
    return { read: (receivedAt) => ({ ok: true, facts: [{ ...draft, receivedAt }] }) };
  });

  it('do so in every order or in none', () => {
    const seen = new Set<boolean>();
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 6 }), fc.nat(), (messages, seed) => {
        const places = messages.map((_, place) => place);
        const { contested } = play(messages, places);
        seen.add(contested);
        const delivery = randomDelivery(places, seededChance(seed));
        expect(playDelivery(messages, delivery).contested).toBe(contested);
      }),
      { numRuns: 500 },
    );
    expect(seen.size).toBe(2);
  });
});

describe('a delivery', () => {
  it('without delays has each message worked off before the next, with them in any order that may be', () => {
    const messages = Array.from({ length: 8 }, (_, i) => said(1 + i, tar, { about: ehiToken(1 + i) }));
    const order = [7, 2, 5, 0, 3, 6, 1, 4];
    const worked = (delays: { readonly delays?: number }) =>
      playDelivery(messages, { order, ...delays }).folded.map(
        ({ fact: { sourceMessageId } }) => Number(sourceMessageId) - 1,
      );
    expect(worked({})).toEqual(order);
    expect(worked({ delays: 0 })).not.toEqual(order);
    expect(worked({ delays: 0 }).sort()).toEqual([...order].sort());
  });
});

describe('a random delivery', () => {
  it('delivers each message, about every third of them twice, with delays', () => {
    const places = [3, 5, 8];
    const chance = seededChance(2);
    const deliveries = Array.from({ length: 300 }, () => randomDelivery(places, chance));
    let repeats = 0;
    for (const { order, delays } of deliveries) {
      expect([...new Set(order)].sort()).toEqual(places);
      expect(delays).toBeGreaterThanOrEqual(0);
      for (const place of places) expect(order.filter((at) => at === place).length).toBeLessThanOrEqual(2);
      repeats += order.length - places.length;
    }
    expect(Math.abs(repeats - 270)).toBeLessThan(60);
    expect(new Set(deliveries.map(({ delays }) => delays)).size).toBe(300);
    expect(new Set(deliveries.map(({ order }) => order.join())).size).toBeGreaterThan(50);
  });
});

describe('an end is as it is due', () => {
  it('where its picture is the same and every promise is kept', () => {
    const end = endOf(play([said(1, tar)], [0]));
    expect(sameEnd(end, end)).toBe(true);
    expect(sameEnd(end, { ...end, text: 'other' })).toBe(false);
    expect(sameEnd(end, { ...end, broken: ['a promise'] })).toBe(false);
  });
});

describe('chance', () => {
  it('is the same on every machine and in every release: a seed noted plays the same again', () => {
    const chance = seededChance(7);
    expect(Array.from({ length: 6 }, () => chance.below(1_000))).toEqual([11, 61, 976, 699, 521, 405]);
    expect(chance.shuffled([0, 1, 2, 3, 4, 5, 6, 7])).toEqual([2, 4, 0, 6, 5, 7, 1, 3]);
    expect(Array.from({ length: 4 }, () => chance.happens(30))).toEqual([false, true, false, true]);
  });

  it('is the same for the same seed and another for another', () => {
    const draws = (seed: number) => {
      const chance = seededChance(seed);
      return Array.from({ length: 20 }, () => chance.below(1_000));
    };
    expect(draws(5)).toEqual(draws(5));
    expect(draws(5)).not.toEqual(draws(6));
  });

  it('is spread evenly, over places and over percentages', () => {
    const chance = seededChance(9);
    const firsts = [0, 0, 0, 0];
    let happened = 0;
    for (let i = 0; i < 4_000; i++) {
      const [first] = chance.shuffled([0, 1, 2, 3]) as [number];
      firsts[first] = (firsts[first] ?? 0) + 1;
      if (chance.happens(30)) happened += 1;
    }
    for (const count of firsts) expect(Math.abs(count - 1_000)).toBeLessThan(120);
    expect(Math.abs(happened - 1_200)).toBeLessThan(120);
  });

  it('never lets happen what is to happen in no case, and always what is to in each', () => {
    const chance = seededChance(3);
    for (let i = 0; i < 2_000; i++) {
      expect(chance.happens(0)).toBe(false);
      expect(chance.happens(100)).toBe(true);
    }
  });

  it('leaves the list it shuffles alone', () => {
    const list = [1, 2, 3, 4, 5];
    expect([...seededChance(1).shuffled(list)].sort()).toEqual([1, 2, 3, 4, 5]);
    expect(list).toEqual([1, 2, 3, 4, 5]);
  });
});
