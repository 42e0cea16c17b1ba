/**
 * JSON as it is written, not as it is read: fields may come twice, numbers may be ones no program holds. What a mutation needs that
 * `JSON.stringify` cannot say.
 */

export type Tree =
  | { readonly kind: 'object'; readonly fields: readonly Field[] }
  | { readonly kind: 'list'; readonly fields: readonly Field[] }
  /** Text as it goes over the wire: a number, a string with its quotes, or nothing that is JSON. */
  | { readonly kind: 'raw'; readonly text: string };

/** A place in a document. In a list the name says nothing. */
export interface Field {
  readonly name: string;
  readonly value: Tree;
}

export function treeOf(value: unknown): Tree {
  if (Array.isArray(value)) return { kind: 'list', fields: value.map((item) => ({ name: '', value: treeOf(item) })) };
  if (typeof value !== 'object' || value === null) return { kind: 'raw', text: JSON.stringify(value) ?? 'null' };
  return {
    kind: 'object',
    fields: Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .map(([name, field]) => ({ name, value: treeOf(field) })),
  };
}

export function textOf(tree: Tree): string {
  switch (tree.kind) {
    case 'raw':
      return tree.text;
    case 'list':
      return `[${tree.fields.map(({ value }) => textOf(value)).join(',')}]`;
    case 'object':
      return `{${tree.fields.map(({ name, value }) => `${JSON.stringify(name)}:${textOf(value)}`).join(',')}}`;
  }
}

/** The same as elements of a SOAP GetTransaction, whether or not that makes good XML of it. */
export function soapOf(tree: Tree): string {
  const elements = tree.kind === 'raw' ? written(tree.text) : tree.fields.map(elementOf).join('\n');
  return (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetTransaction xmlns="http://tempuri.org/">' +
    `${elements}</GetTransaction></s:Body></s:Envelope>`
  );
}

function elementOf({ name, value }: Field): string {
  const content = value.kind === 'raw' ? written(value.text) : value.fields.map(elementOf).join('');
  return `<${name}>${content}</${name}>`;
}

/** The text of a string, escaped; anything else as it is. */
function written(text: string): string {
  const plain = text.startsWith('"') ? String(JSON.parse(text)) : text;
  return plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** Fields and items in the whole document. */
export function placesIn(tree: Tree): number {
  return tree.kind === 'raw' ? 0 : tree.fields.reduce((sum, { value }) => sum + 1 + placesIn(value), 0);
}

/** The document with one of its places, counted from 0 in the order they are written, changed to what `change` makes of it: none, one or more. */
export function withChange(tree: Tree, place: number, change: (field: Field) => readonly Field[]): Tree {
  let left = place;
  const rewritten = (at: Tree): Tree => {
    if (at.kind === 'raw' || left < 0) return at;
    const fields = at.fields.flatMap((field) => {
      if (left < 0) return [field];
      left -= 1;
      return left < 0 ? change(field) : [{ name: field.name, value: rewritten(field.value) }];
    });
    return { kind: at.kind, fields };
  };
  return rewritten(tree);
}
