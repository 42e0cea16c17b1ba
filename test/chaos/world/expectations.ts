/**
 * Whether everything is as if nothing had happened. Each function gives what is not so, as sentences; nothing means that all is well.
 * `verify` judges the same system from the log; what is asked here comes from what was sent.
 */
import type { Notice } from '@tokenline/cli';
import { pictureOf } from '../../traffic.js';
import type { Life } from './lives.js';
import type { World } from './world.js';

const completion = { kind: 'PROVISIONING_COMPLETED' } as const;

/** The tokens of these lives, one by one, at the query door. */
export async function wrongTokens({ system }: World, lives: readonly Life[]): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const { aliases, expected } of lives) {
    const tokens = await Promise.all(aliases.map((alias) => system.token(alias)));
    const [first] = tokens;
    if (tokens.some((token) => token?.tokenId !== first?.tokenId)) {
      wrong.push(`${aliases.join(' and ')} are ${tokens.map((token) => token?.tokenId).join(' and ')}`);
      continue;
    }
    const picture = pictureOf(first);
    const { notice: _notice, ...ending } = expected;
    const differs = Object.entries(ending).filter(
      ([key, value]) => String(picture?.[key as keyof typeof picture]) !== String(value),
    );
    if (differs.length > 0)
      wrong.push(`${aliases[0]} is ${JSON.stringify(picture)}, should be ${JSON.stringify(ending)}`);
  }
  return wrong;
}

/** Those of the lives that are to have a notice and have none in the ledger. Joined tokens are left out: theirs may stand under either name. */
export async function missingNotices({ system, found }: World, lives: readonly Life[]): Promise<readonly string[]> {
  const due = lives.filter(({ expected, ehi }) => expected.notice && ehi !== undefined);
  const tokens = await Promise.all(due.map(({ aliases }) => system.token(aliases[0] as string)));
  const known = new Set(await found.notices.distinct('tokenId', completion));
  return due.filter((_, n) => !known.has(tokens[n]?.tokenId ?? '')).map(({ aliases }) => `no notice for ${aliases[0]}`);
}

/** Notices of a status: told, or called off by the next one. */
const settledWithoutDeadline = { deadlineAt: { $exists: false }, state: { $in: ['DELIVERED', 'CANCELLED'] } } as const;

/** Tokens of all rounds by number; notices of completions by number, one for each token that is to have one; every notice, codes too, sent in time. */
export async function wrongCounts(world: World): Promise<readonly string[]> {
  const { found, lives, system } = world;
  const due = [...lives.values()].filter(({ expected }) => expected.notice).length;
  const [tokens, notices, unsent] = await Promise.all([
    found.tokens.countDocuments({ mergedInto: { $exists: false } }),
    found.notices.countDocuments(completion),
    found.notices.find({ $nor: [{ state: 'DELIVERED', outcome: 'MET' }, settledWithoutDeadline] }).toArray(),
  ]);
  const wrong = [
    ...differing('tokens', tokens, lives.size),
    ...differing('notices in the ledger', notices, due),
    ...unsent.slice(0, 3).map(({ _id, state, outcome }) => `${_id} is ${state}, outcome ${outcome}`),
  ];
  if (wrong.length > 0) return wrong;
  return [
    ...differing('notices in the outbox', world.outbox(), due),
    ...differing(
      'notices at the query door',
      (await system.ask<{ items: Notice[] }>('/v1/notices?limit=1&kind=PROVISIONING_COMPLETED')).items.length,
      Math.min(due, 1),
    ),
  ];
}

/** Every refused text a dead letter, each once; bytes an adapter wrote twice while the log was away may be two. */
export async function wrongLetters(world: World): Promise<readonly string[]> {
  const { found, letters, refused, open } = world;
  for (const letter of await found.deadLetters.find({ _id: { $nin: [...letters.keys()] } }).toArray()) {
    const text = letter.original === undefined ? '' : await open(letter.original);
    const bytes = letter.contentType?.endsWith('base64') ? Buffer.from(text, 'base64').toString() : text;
    letters.set(letter._id, bytes);
  }
  const kept = new Map<string, number>();
  for (const text of letters.values()) kept.set(text, (kept.get(text) ?? 0) + 1);
  return [
    ...[...refused].filter((text) => !kept.has(text)).map((text) => `no dead letter for: ${text.slice(0, 60)}`),
    ...[...kept].flatMap(([text, count]) => {
      if (!refused.has(text)) return [`a dead letter nobody expected: ${text.slice(0, 60)}`];
      return count > 1 && !text.startsWith('not Avro') ? [`${count} dead letters for: ${text.slice(0, 60)}`] : [];
    }),
  ];
}

/** On the log itself: one completion for each completed token, one message for each notice. */
export async function wrongAnnouncements(world: World): Promise<readonly string[]> {
  await world.readOn();
  const all = [...world.lives.values()];
  const completed = all.filter(({ expected }) => expected.outcome === 'COMPLETED').length;
  const due = all.filter(({ expected }) => expected.notice).length;
  return [
    ...differing('completions on the log', sizeOf(world.completions), completed),
    ...differing('messages of completions on the log', sizeOf(world.messages, 'completion-'), due),
    ...[...world.completions].filter(([, ids]) => ids.size > 1).map(([token]) => `${token} was completed twice`),
    ...[...world.messages].filter(([, ids]) => ids.size > 1).map(([notice]) => `${notice} has two messages`),
  ];
}

function sizeOf(ids: ReadonlyMap<string, ReadonlySet<string>>, prefix = ''): number {
  return [...ids].reduce((sum, [id, set]) => (id.startsWith(prefix) ? sum + set.size : sum), 0);
}

function differing(what: string, found: number, expected: number): string[] {
  return found === expected ? [] : [`${found} ${what}, should be ${expected}`];
}
