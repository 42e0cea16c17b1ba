/** Tables that a run writes into a README, between `<!-- name -->` and `<!-- /name -->`. */

/** The text with what stands between the markers of that name replaced. Throws when it has no markers. */
export function betweenMarkers(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`There is no place for the table: ${begin} … ${end}.`);
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`;
}
