/** The log by itself: every record readable, every message answered, every fact traced. */

import { placeText } from '../log/place.js';
import { seen } from '../log/places.js';
import type { Look } from './look.js';

/** Records that nobody can read, where no reader has said so. */
export function judgeReadable({ view, tallies }: Look): void {
  const tally = tallies.of('LOG_READABLE');
  for (const { topic, ...place } of view.unreadable) {
    if (!view.letters.has(topic, place))
      tally.fail({ where: placeText(topic, place), what: 'cannot be decoded, and no dead letter says so' });
  }
}

/** Messages without a fact or a dead letter. */
export function judgeInbound(look: Look): void {
  const { view, tallies } = look;
  const tally = tallies.of('INBOUND_ANSWERED');
  tally.check(view.inbound.count());
  for (const place of view.inbound.unanswered()) {
    if (view.letters.has('tsp.inbound', place, 'NORMALIZER')) continue;
    if (look.overdue('normalizer', place) === 'lost') {
      tally.fail({ where: placeText('tsp.inbound', place), what: 'has become neither a fact nor a dead letter' });
    }
  }
}

/** Facts without an event or a dead letter. */
export function judgeTraces(look: Look): void {
  const { view, tallies } = look;
  const tally = tallies.of('FACTS_TRACED');
  let lapsed = 0;
  for (const { flags, ...place } of view.places.all()) {
    tally.check();
    if ((flags & seen.traced) !== 0 || view.letters.has('token.facts', place, 'LIFECYCLE')) continue;
    if (place.offset < (view.lettersLapsed.get(place.partition) ?? 0)) lapsed += 1;
    else if (look.overdue('lifecycle', place) === 'lost') {
      tally.fail({ where: placeText('token.facts', place), what: 'has left neither an event nor a dead letter' });
    }
  }
  if (lapsed > 0)
    tally.note(`${lapsed} facts without a trace are older than dead letters are kept, and were not judged.`);
}
