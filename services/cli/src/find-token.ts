/** Finding a token by whatever a person has at hand: its id, `kind:value`, or a bare value tried under every kind of name. */
import { aliasKinds, type Page, type Token } from './answers.js';
import { type Door, refusal } from './door.js';
import { CliError } from './errors.js';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The tokens that answer to `name`, at least one. Throws CliError when none does, or when the kind is not one. */
export async function findTokens(door: Door, name: string, asOf?: string): Promise<readonly Token[]> {
  if (uuid.test(name)) {
    const found = await byId(door, name, asOf);
    if (found !== undefined) return [found];
    throw new CliError(`No token has the id ${name}.`);
  }
  const colon = name.indexOf(':');
  const kind = name.slice(0, Math.max(colon, 0));
  if (colon > 0 && !(aliasKinds as readonly string[]).includes(kind)) {
    throw new CliError(`'${kind}' is no kind of name: use one of ${aliasKinds.join(', ')}, or the value alone.`);
  }
  const asked = colon > 0 ? [name] : aliasKinds.map((each) => `${each}:${name}`);
  const pages = await Promise.all(asked.map((alias) => byAlias(door, alias)));
  const found = new Map(pages.flat().map((token) => [token.tokenId, token]));
  if (found.size === 0) throw new CliError(`No token answers to ${name}.`);
  if (asOf === undefined) return [...found.values()];
  const then = await Promise.all([...found.keys()].map((id) => byId(door, id, asOf)));
  const standing = then.filter((token) => token !== undefined);
  if (standing.length === 0) throw new CliError(`${name} was not known yet at ${asOf}.`);
  return standing;
}

/** The one token that answers to `name`. Throws CliError when none or several do. */
export async function findToken(door: Door, name: string): Promise<Token> {
  const [first, ...others] = await findTokens(door, name);
  if (others.length > 0) {
    const ids = [first, ...others].map((token) => token?.tokenId).join(', ');
    throw new CliError(`Several tokens answer to ${name}: ${ids}. Give the id of one.`);
  }
  return first as Token;
}

async function byId(door: Door, id: string, asOf?: string): Promise<Token | undefined> {
  const query = asOf === undefined ? '' : `?asOf=${encodeURIComponent(asOf)}`;
  const answer = await door.send(`/v1/tokens/${encodeURIComponent(id)}${query}`);
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new CliError(`The query door ${refusal(answer)}.`);
  return JSON.parse(answer.text) as Token;
}

async function byAlias(door: Door, alias: string): Promise<readonly Token[]> {
  return (await door.json<Page<Token>>(`/v1/tokens?alias=${encodeURIComponent(alias)}`)).items;
}
