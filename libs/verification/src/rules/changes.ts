/** Whether the changes an event lists are the ones between the two states, read off the states themselves. */
import type { DeviceBinding, FieldChange, TokenState } from '@tokenline/domain';

/** What is wrong with the list, or undefined when it agrees. Names fields, never values. `updatedAt` is listed only when nothing else differs. */
export function wrongChanges(
  before: TokenState | undefined,
  after: TokenState,
  changes: readonly FieldChange[],
): string | undefined {
  const from = before === undefined ? new Map<string, string>() : texts(before);
  const to = texts(after);
  if (before !== undefined && sameTexts(from, to)) {
    from.set('updatedAt', new Date(before.updatedAt).toISOString());
    to.set('updatedAt', new Date(after.updatedAt).toISOString());
  }
  const listed = new Set(changes.map((change) => change.field));
  if (listed.size !== changes.length) return 'a field is listed twice';
  for (const field of new Set([...from.keys(), ...to.keys()])) {
    if (from.get(field) !== to.get(field) && !listed.has(field)) return `${field} has changed and is not listed`;
  }
  for (const { field, from: said, to: saidTo } of changes) {
    if (from.get(field) === to.get(field)) return `${field} is listed and has not changed`;
    if (said !== from.get(field)) return `${field} is listed with another value before`;
    if (saidTo !== to.get(field)) return `${field} is listed with another value after`;
  }
  return changes.length === 0 ? 'nothing is listed' : undefined;
}

/** Not published facts about the token itself. */
const apart = ['tokenId', 'version', 'updatedAt'];

/** Every field a person sees, by dotted name, as the text a person reads; absent ones are left out. */
export function texts(state: TokenState): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (value: unknown, name: string): void => {
    if (value === undefined || value === null) return;
    if (typeof value === 'number') found.set(name, new Date(value).toISOString());
    else if (Array.isArray(value)) {
      const text = value.map(itemText).join(name === 'bindings' ? '; ' : ' ');
      if (text !== '') found.set(name, text);
    } else if (typeof value === 'object') {
      for (const [part, inner] of Object.entries(value)) walk(inner, name === '' ? part : `${name}.${part}`);
    } else found.set(name, String(value));
  };
  for (const [name, value] of Object.entries(state)) if (!apart.includes(name)) walk(value, name);
  return found;
}

function itemText(item: unknown): string {
  if (isName(item)) return `${item.kind}:${item.value}`;
  return isBinding(item) ? bindingText(item) : String(item);
}

/** What is bound, part by part, each with its name. */
function bindingText({ bindingId, device = {}, boundAt }: DeviceBinding): string {
  const said = [
    ['bindingId', bindingId],
    ['device.id', device.id],
    ['device.name', device.name],
    ['device.type', device.type],
    ['boundAt', new Date(boundAt).toISOString()],
  ];
  return said.flatMap(([part, text]) => (text === undefined ? [] : [`${part}:${text}`])).join(' ');
}

function isBinding(item: unknown): item is DeviceBinding {
  return typeof item === 'object' && item !== null && 'boundAt' in item;
}

function isName(item: unknown): item is { readonly kind: string; readonly value: string } {
  return typeof item === 'object' && item !== null && 'kind' in item && 'value' in item;
}

/** Names of the fields in which two states differ. */
export function differingFields(a: TokenState, b: TokenState): string[] {
  const [left, right] = [texts(a), texts(b)];
  const fields = [...new Set([...left.keys(), ...right.keys()])].filter(
    (field) => left.get(field) !== right.get(field),
  );
  return a.updatedAt === b.updatedAt ? fields : [...fields, 'updatedAt'];
}

function sameTexts(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([field, text]) => b.get(field) === text);
}
