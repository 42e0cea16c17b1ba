/**
 * What holds in every world, whatever the order: checked after the last message.
 *
 * Announcements. A completion, once announced, is never announced again and never taken back. So:
 *   - who is complete at the end has been announced;
 *   - who was complete for a while, until a message with an earlier date said otherwise (a decline, a deletion), may have been: whether it was
 *     depends on the order, and an announcement made stands;
 *   - nobody else has been;
 *   - twice only where two tokens both were complete before either had been told that they are one.
 *
 * Deadlines. That one has passed is told at most once for each token, purpose and time; only of a token that, as it was published last, still
 * waits for the same; and never of one whose facts hold no such deadline. Which of them are told depends on what had arrived.
 */
import type { DeadlinePassed, TokenState } from '../generated/records.js';
import { isMissed } from '../lifecycle/deadlines.js';
import { survivorOf } from './picture.js';
import type { World } from './world.js';

/** Promises the world does not keep, as sentences; empty when all is well. */
export function brokenPromises(world: World): readonly string[] {
  return [
    ...versionGaps(world),
    ...stalePublications(world),
    ...wrongAnnouncements(world),
    ...wrongDeadlines(world),
    ...silentFacts(world),
  ];
}

function versionGaps({ events }: World): readonly string[] {
  const versions = new Map<string, number>();
  return events.flatMap(({ type, value }) => {
    const before = versions.get(value.tokenId) ?? 0;
    const publishes = type === 'tokenline.lifecycle.TokenChanged' || type === 'tokenline.lifecycle.TokenMerged';
    const due = publishes ? before + 1 : before;
    versions.set(value.tokenId, value.version);
    return value.version === due ? [] : [`${value.tokenId}: version ${value.version} where ${due} is due.`];
  });
}

function silentFacts({ folded }: World): readonly string[] {
  return folded.flatMap(({ fact, events }) =>
    events.length === 0 ? [`${fact.tokenId}: ${fact.factId} left no trace.`] : [],
  );
}

function stalePublications({ memories, published }: World): readonly string[] {
  return [...memories].flatMap(([tokenId, { stored, folded }]) => {
    if (stored.mergedInto !== undefined) return published.has(tokenId) ? [`${tokenId}: published though merged.`] : [];
    const stands = JSON.stringify(published.get(tokenId));
    const due = JSON.stringify({ version: stored.version, ...folded.state });
    return stands === due ? [] : [`${tokenId}: published is ${stands}, the fold says ${due}.`];
  });
}

function wrongAnnouncements(world: World): readonly string[] {
  const broken: string[] = [];
  const announced = new Map<string, string[]>();
  for (const { event, knownToBeOne } of world.announcements) {
    const survivor = survivorOf(world, event.tokenId);
    const before = announced.get(survivor) ?? [];
    announced.set(survivor, [...before, event.tokenId]);
    if (!world.onceComplete.has(event.tokenId)) broken.push(`${event.tokenId}: announced, but never complete.`);
    if (before.includes(event.tokenId)) broken.push(`${event.tokenId}: announced twice.`);
    if (before.some((tokenId) => knownToBeOne.includes(tokenId)))
      broken.push(`${event.tokenId}: announced again, though it is known to be one with ${before.join(' and ')}.`);
  }
  for (const [tokenId, { provisioning }] of world.published) {
    if (provisioning.completedAt !== undefined && !announced.has(tokenId))
      broken.push(`${tokenId}: complete, but never announced.`);
  }
  return broken;
}

function wrongDeadlines({ events, folded }: World): readonly string[] {
  const stated = new Set(
    folded.map(({ fact: { tokenId, deadline } }) => (deadline === undefined ? '' : deadlineKey({ tokenId, deadline }))),
  );
  const told = new Set<string>();
  const states = new Map<string, TokenState>();
  return events.flatMap((event) => {
    if (event.type === 'tokenline.lifecycle.TokenChanged') states.set(event.value.tokenId, event.value.state);
    if (event.type !== 'tokenline.lifecycle.DeadlinePassed') return [];
    const key = deadlineKey(event.value);
    const state = states.get(event.value.tokenId);
    const wrong = told.has(key)
      ? 'told twice'
      : !stated.has(key)
        ? 'told, and no fact states it'
        : state === undefined || !isMissed(state, event.value.deadline.purpose)
          ? 'told, though nothing is waited for'
          : undefined;
    told.add(key);
    return wrong === undefined ? [] : [`${key}: ${wrong}.`];
  });
}

function deadlineKey({ tokenId, deadline: { purpose, dueAt } }: Pick<DeadlinePassed, 'tokenId' | 'deadline'>): string {
  return `${tokenId} ${purpose} ${dueAt}`;
}
