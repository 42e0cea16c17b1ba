/** Tokens that more than one source tells of, told in the order given. */
import { mapEhi } from '../ehi/map.js';
import { finalPicture } from '../shuffle/picture.js';
import { type PlayedMessage, play } from '../shuffle/world.js';
import { asUtc, type ClockTime } from '../time.js';

const winter = { localInstants: (local: ClockTime) => [asUtc(local)] };

/** A message of EHI, whose local clocks show UTC. */
export function byEhi(fields: Readonly<Record<string, string>>): PlayedMessage {
  return { read: (receivedAt) => mapEhi({ fields, sealed: {}, receivedAt }, winter) };
}

/** The state the messages come to. Throws when one of them is refused, or when they tell of more than one token or of none. */
export function onlyToken(messages: readonly PlayedMessage[]) {
  const order = messages.map((_, place) => place);
  const { tokens, rejected } = finalPicture(play(messages, order));
  const [only, ...others] = tokens;
  if (rejected.length > 0) throw new Error(`Refused: ${JSON.stringify(rejected)}`);
  if (only === undefined || others.length > 0) throw new Error(`${tokens.length} tokens instead of one.`);
  return only.state;
}
