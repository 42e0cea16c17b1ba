/** The log by itself: every record readable, every message answered, every fact traced. */

import { placeText } from '../log/place.js';
import { seen } from '../log/places.js';
import { type Look, reach } from './look.js';

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
  const evidence = new Map(view.inbound.furthest());
  const open = [];
  for (const place of view.inbound.unanswered()) {
    if (view.letters.has('tsp.inbound', place, 'NORMALIZER')) reach(evidence, place);
    else open.push(place);
  }
  for (const place of open) {
    if (look.overdue('normalizer', place, evidence) === 'lost') {
      tally.fail({ where: placeText('tsp.inbound', place), what: 'has become neither a fact nor a dead letter' });
    }
  }
}

/** Facts without an event or a dead letter. */
export function judgeTraces(look: Look): void {
  const { view, tallies } = look;
  const tally = tallies.of('FACTS_TRACED');
  const evidence = new Map<number, number>();
  const open = [];
  let lapsed = 0;
  for (const { flags, ...place } of view.places.all()) {
    tally.check();
    if ((flags & seen.traced) !== 0 || view.letters.has('token.facts', place, 'LIFECYCLE')) reach(evidence, place);
    else if (place.offset < (view.lettersLapsed.get(place.partition) ?? 0)) lapsed += 1;
    else open.push(place);
  }
  for (const place of open) {
    if (look.overdue('lifecycle', place, evidence) === 'lost') {
      tally.fail({ where: placeText('token.facts', place), what: 'has left neither an event nor a dead letter' });
    }
  }
  if (lapsed > 0)
    tally.note(`${lapsed} facts without a trace are older than dead letters are kept, and were not judged.`);
}
