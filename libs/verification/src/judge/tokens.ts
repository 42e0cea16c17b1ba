/**
 * Token by token: what was set aside was so rightly, late is what came late, and all the log says of the token is what its facts add up to,
 * once by a fresh fold and once by a reckoning of our own.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Decoded } from '@tokenline/contracts';
import { compareFacts, fold, type StoredToken, type TokenFact, type TokenState } from '@tokenline/domain';
import type { InvariantCode } from '../invariants.js';
import { unpack } from '../log/packed.js';
import { type Place, placeText } from '../log/place.js';
import { type TokenView, type View, valueFrom } from '../log/view.js';
import { differingFields } from '../rules/changes.js';
import { reckon, slotsOf } from '../rules/oracle.js';
import { inClear } from '../rules/secrets.js';
import { type History, readHistory } from './history.js';
import type { Look } from './look.js';
import type { Names } from './names.js';

/** Fact by fact and announcement by announcement, elsewhere. */
const alreadyCounted: readonly InvariantCode[] = ['FACTS_TRACED', 'COMPLETED_ONCE', 'DEADLINES_TRUE'];

type Judge = (code: InvariantCode, where: Place | undefined, wrong: string | undefined) => void;

/** Judges every token of the view, and hands the strong names of those that have not merged to `names`. */
export async function judgeTokens(look: Look, names: Names): Promise<void> {
  const { view, tallies } = look;
  const factIds = createFactIds(view);
  for (const token of view.tokens.values()) {
    const judge =
      (topic: 'token.facts' | 'token.lifecycle' | 'token.state' | 'lifecycle.store'): Judge =>
      (code, where, wrong) => {
        const tally = tallies.of(code);
        if (!alreadyCounted.includes(code)) tally.check();
        if (wrong === undefined) return;
        const { tokenId } = token;
        tally.fail(
          where === undefined ? { tokenId, what: wrong } : { where: placeText(topic, where), tokenId, what: wrong },
        );
      };
    const state = token.state && (await valueFrom(view.codec, 'tokenline.state.TokenState', token.state.bytes));
    if (state !== undefined && token.merged === undefined) names.add(token.tokenId, state.aliases);
    // An event whose fact was written after we had read the facts: too new for us.
    if (token.lastCause >= 0 && view.places.hash(token.partition, token.lastCause) === undefined) continue;
    const history = await readHistory(view, token, (place, code, wrong) => judge('token.facts')(code, place, wrong));
    judgeFold(token, state, history, judge('token.lifecycle'));
    for (const [key, where] of token.deadlines ?? []) {
      const wrong = history.deadlines.has(key) ? undefined : 'a deadline is told that no fact says has passed';
      judge('token.lifecycle')('DEADLINES_TRUE', where, wrong);
    }
    const settled = look.atRest && look.behind('lifecycle') === 0;
    if (settled || !history.awaitsOther) judgeAnnouncement(token, state, history, judge('token.lifecycle'));
    if (token.newestIn > look.reading) continue;
    if (token.merged !== undefined) {
      const survivor = await factIds(token.merged.into);
      judge('token.lifecycle')('MERGES_COMPLETE', token.merged, wrongHandover(token, history, survivor));
    }
    judge('token.state')(
      'STATE_TOPIC_CURRENT',
      token.published,
      wrongPublished(token, state, await latest(look, token, 'token.state')),
    );
    if (history.known.length > 0 || token.merged !== undefined)
      judge('lifecycle.store')(
        'STORE_CURRENT',
        token.stored,
        wrongStored(token, history, await latest(look, token, 'lifecycle.store')),
      );
  }
}

function judgeFold(token: TokenView, state: TokenState | undefined, { known }: History, judge: Judge): void {
  if (known.length === 0) return;
  if (state === undefined) {
    judge('STATE_IS_FOLD', undefined, 'has facts, and no state was ever published');
    return;
  }
  const differs = differingFields(state, { ...fold(token.tokenId, [...known].sort(compareFacts)).state, version: 0 });
  judge(
    'STATE_IS_FOLD',
    token.state,
    differs.length === 0 ? undefined : `differs from a fresh fold in ${differs.join(', ')}`,
  );
  const { status, suspendedBy, completedAt, firstUsedAt, bindings } = reckon(known);
  const holders = [...state.suspendedBy].sort();
  judge(
    'STATUS_FOLLOWS_FACTS',
    token.state,
    state.status === status && isDeepStrictEqual(holders, suspendedBy)
      ? undefined
      : `is ${statusText(state.status, holders)}; its facts make it ${statusText(status, suspendedBy)}`,
  );
  judge('COMPLETION_FOLLOWS_FACTS', token.state, wrongCompletion(state.provisioning.completedAt, completedAt));
  judge(
    'FIRST_USE_FOLLOWS_FACTS',
    token.state,
    state.firstUsedAt === firstUsedAt ? undefined : 'is said to be used since another time than its facts say',
  );
  judge(
    'BINDINGS_FOLLOW_FACTS',
    token.state,
    isDeepStrictEqual(slotsOf(state), bindings)
      ? undefined
      : `has ${state.bindings.length} bindings that are not the ${bindings.length} it has by its facts`,
  );
}

function statusText(status: string, holders: readonly string[]): string {
  return holders.length === 0 ? status : `${status} by ${holders.join(' and ')}`;
}

function wrongCompletion(said: number | undefined, reckoned: number | undefined): string | undefined {
  if (said === reckoned) return undefined;
  if (reckoned === undefined) return 'is said to be complete; by its facts it is not';
  return said === undefined
    ? 'is complete by its facts, and not said to be'
    : 'is said to be complete since another time than its facts make it';
}

function judgeAnnouncement(
  { announced }: TokenView,
  state: TokenState | undefined,
  { tookOverAnnounced }: History,
  judge: Judge,
): void {
  if (announced !== undefined) {
    const before = tookOverAnnounced.some(({ offset }) => offset <= announced.causeOffset);
    judge('COMPLETED_ONCE', announced, before ? 'announces again what a token it took over had announced' : undefined);
  } else if (state?.provisioning.completedAt !== undefined) {
    judge(
      'COMPLETED_ONCE',
      undefined,
      tookOverAnnounced.length === 0 ? 'is complete, and nobody has announced it' : undefined,
    );
  }
}

function wrongHandover(
  { tokenId, announced }: TokenView,
  { handedOver, tookOverAnnounced }: History,
  survivor: ReadonlyMap<string, boolean>,
): string | undefined {
  const lost = handedOver.filter((fact) => !survivor.has(fact.factId)).length;
  if (lost > 0) return `${lost} of ${handedOver.length} facts have not reached the surviving token`;
  const said = survivor.get(`absorbed:${tokenId}`);
  if (said === undefined) return 'the surviving token was not told';
  return said === (announced !== undefined || tookOverAnnounced.length > 0)
    ? undefined
    : 'the surviving token was told wrongly whether completion was announced';
}

/** Ids of all facts under a token, each with whether it says that completion was announced. Read once for each survivor. */
function createFactIds(view: View): (tokenId: string) => Promise<ReadonlyMap<string, boolean>> {
  const read = new Map<string, ReadonlyMap<string, boolean>>();
  return async (tokenId) => {
    const known = read.get(tokenId);
    if (known !== undefined) return known;
    const ids = new Map<string, boolean>();
    const token = view.tokens.get(tokenId);
    for (const { bytes } of token === undefined ? [] : unpack(token.facts)) {
      const fact = await valueFrom(view.codec, 'tokenline.facts.TokenFact', bytes);
      ids.set(fact.factId, fact.completionAnnounced === true);
    }
    read.set(tokenId, ids);
    return ids;
  };
}

/** What stands last under a token on a compacted topic, looked through for what must not lie in clear; undefined for nothing. */
async function latest(
  { view, tallies }: Look,
  { published, stored }: TokenView,
  topic: 'token.state' | 'lifecycle.store',
): Promise<Decoded | undefined> {
  const last = topic === 'token.state' ? published : stored;
  if (last === undefined || last.bytes === null) return undefined;
  const decoded = await view.codec.decode(last.bytes);
  tallies.of('LOG_READABLE').check();
  const paths = decoded.ok ? inClear(decoded.value) : [];
  tallies.of('NOTHING_SENSITIVE').check();
  if (paths.length > 0)
    tallies.of('NOTHING_SENSITIVE').fail({ where: placeText(topic, last), what: `in clear at ${paths.join(', ')}` });
  return decoded;
}

function wrongPublished(
  { tokenId, merged }: TokenView,
  state: TokenState | undefined,
  found: Decoded | undefined,
): string | undefined {
  if (merged !== undefined || state === undefined)
    return found === undefined ? undefined : 'has a state on the topic, and should have none';
  if (found === undefined) return 'has no state on the topic';
  if (!found.ok || found.type !== 'tokenline.state.TokenState') return 'holds something other than a state';
  if (found.value.tokenId !== tokenId) return 'holds the state of another token';
  if (found.value.version !== state.version)
    return `has version ${found.value.version}; version ${state.version} was published`;
  if (isDeepStrictEqual(found.value, state)) return undefined;
  return `differs from what was published in ${differingFields(found.value, state).join(', ')}`;
}

function wrongStored(
  { tokenId, merged, version, announced }: TokenView,
  { known, tookOverAnnounced }: History,
  found: Decoded | undefined,
): string | undefined {
  if (found === undefined) return 'is not remembered';
  if (!found.ok || found.type !== 'tokenline.lifecyclestore.StoredToken')
    return 'holds something other than a stored token';
  const { value } = found;
  if (value.tokenId !== tokenId) return 'holds the memory of another token';
  if (value.mergedInto !== merged?.into) return 'remembers another merge than the log tells';
  if (value.version !== version) return `remembers version ${value.version}; the log tells ${version}`;
  const wasAnnounced = announced !== undefined || tookOverAnnounced.length > 0;
  if (value.completionAnnounced !== wasAnnounced)
    return wasAnnounced ? 'has forgotten its announcement' : 'remembers an announcement that was not made';
  return wrongMemory(value, merged === undefined ? known : []);
}

function wrongMemory({ facts }: StoredToken, known: readonly TokenFact[]): string | undefined {
  if (facts.length !== known.length) return `remembers ${facts.length} facts of ${known.length}`;
  const byId = new Map(known.map((fact) => [fact.factId, fact]));
  return facts.every((fact) => isDeepStrictEqual(fact, byId.get(fact.factId)))
    ? undefined
    : 'remembers other facts than the log tells';
}
