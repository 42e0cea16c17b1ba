/** Which channels can carry a notice, in order of preference. */
import type { Channel } from './channels/port.js';
import type { KnownContact } from './contacts.js';

/**
 * The cardholder's own channels first, then the programme's webhook; or those that `wanted` names, in its order. The local outbox, which exists in
 * local mode only, takes what has no known contact, and what no other channel can carry.
 */
export function routesFor(
  { known, fields }: Pick<KnownContact, 'known' | 'fields'>,
  channels: readonly Channel[],
  wanted?: readonly string[],
): readonly Channel[] {
  const of = (reaches: Channel['reaches']) => channels.filter((channel) => channel.reaches === reaches);
  const outbox = of('local');
  if (!known && outbox.length > 0) return outbox;
  const own = of('cardholder').filter((channel) => channel.uses.every((field) => fields.has(field)));
  const usual = [...own, ...of('programme')];
  const routes = wanted?.flatMap((name) => usual.filter((channel) => channel.name === name)) ?? usual;
  return routes.length > 0 ? routes : outbox;
}
