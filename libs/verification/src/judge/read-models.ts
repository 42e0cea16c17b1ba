/** The projector's work: tokens, timeline and dead letters as the log tells them. */
import { type DocumentsFound, isAsItsEvent, type LetterFound, occurrenceText, type TokenFound } from '../documents.js';
import type { LetterView } from '../log/letters.js';
import { type Place, placeText } from '../log/place.js';
import { retentionOf } from '../log/read.js';
import type { TokenView } from '../log/view.js';
import type { Look } from './look.js';

/** Judges the three read models against the view. */
export function judgeReadModels(look: Look, documents: DocumentsFound): void {
  judgeTimeline(look, documents);
  judgeTokenDocuments(look, documents);
  judgeLetters(look, documents);
}

function judgeTimeline(
  { view, tallies, number, overdue }: Look,
  { unknownEntries, strayEntries }: DocumentsFound,
): void {
  const tally = tallies.of('TIMELINE_COMPLETE');
  // The log has been read on since: an entry may be of an event that was written between the log and the documents.
  for (const entry of unknownEntries) {
    if (isAsItsEvent(view, entry, number)) continue;
    const what = view.events.has(entry.eventId) ? 'is not as its event' : "is no event's";
    tally.fail({ tokenId: entry.tokenId, what: `the entry ${entry.eventId} ${what}` });
  }
  for (const [eventId, event] of view.events) {
    tally.check();
    if (event.shownIn === number) continue;
    if (overdue('read models', event) === 'lost')
      tally.fail({ where: placeText('token.lifecycle', event), what: `the event ${eventId} has no entry` });
  }
  for (const stray of strayEntries) tally.fail(stray);
}

function judgeTokenDocuments(look: Look, { tokens }: DocumentsFound): void {
  const { view, tallies, reading } = look;
  const tally = tallies.of('TOKENS_CURRENT');
  for (const token of view.tokens.values()) {
    const newest = token.merged ?? token.state;
    if (newest === undefined || token.newestIn > reading) continue;
    tally.check();
    const doubt = doubtOf(token, tokens.get(token.tokenId));
    // A document that stands where an older state stood may be on its way; one that says something wrong is wrong.
    if (doubt === undefined || (doubt.mayFollow && look.overdue('read models', doubt.place) !== 'lost')) continue;
    tally.fail({ where: placeText('token.lifecycle', doubt.place), tokenId: token.tokenId, what: doubt.what });
  }
  for (const tokenId of tokens.keys()) {
    const token = view.tokens.get(tokenId);
    if (token?.state === undefined && token?.merged === undefined)
      tally.fail({ tokenId, what: 'has a document, and the log has published nothing of it' });
  }
}

interface Doubt {
  readonly what: string;
  readonly place: Place;
  readonly mayFollow: boolean;
}

function doubtOf({ state, merged }: TokenView, found: TokenFound | undefined): Doubt | undefined {
  const newest = merged ?? state;
  if (newest === undefined) return undefined;
  if (found === undefined) return { what: 'has no document', place: newest, mayFollow: true };
  if (merged?.into !== found.mergedInto) {
    const what =
      found.mergedInto === undefined
        ? 'its document does not tell of the merge'
        : 'its document tells of another merge';
    return { what, place: newest, mayFollow: found.mergedInto === undefined };
  }
  const differs = found.differs.length > 0;
  if (differs) return { what: `its document differs in ${found.differs.join(', ')}`, place: newest, mayFollow: false };
  return state === undefined ? undefined : versionDoubt(found.version, state);
}

function versionDoubt(version: number, state: Place & { readonly version: number }): Doubt | undefined {
  if (version === state.version) return undefined;
  const what = `its document has version ${version}; version ${state.version} was published`;
  return { what, place: state, mayFollow: version < state.version };
}

function judgeLetters(look: Look, { letters }: DocumentsFound): void {
  const { view, tallies, reading, startedAt } = look;
  const tally = tallies.of('DEAD_LETTERS_KEPT');
  for (const [id, letter] of view.letters.all) {
    if (letter.newestIn > reading) continue;
    tally.check();
    const place = letter.places.at(-1) as Place;
    const what = wrongLetter(letter, letters.get(id));
    if (what !== undefined && look.overdue('dead letters', place) === 'lost')
      tally.fail({ where: placeText('token.dead-letters', place), what: `the letter ${id} ${what}` });
  }
  const lapsed = startedAt - retentionOf('token.dead-letters');
  for (const [id, { failedAt }] of letters) {
    if (!view.letters.all.has(id) && failedAt > lapsed) tally.fail({ what: `the document ${id} is no letter's` });
  }
}

function wrongLetter(letter: LetterView, found: LetterFound | undefined): string | undefined {
  if (found === undefined) return 'has no document';
  const missing = letter.places.filter((place) => !found.occurrences.has(occurrenceText(place))).length;
  if (missing > 0) return `lacks ${missing} of its ${letter.places.length} occurrences`;
  return letter.ordered && found.state !== letter.state
    ? `is ${found.state}; the log makes it ${letter.state}`
    : undefined;
}
