/** From a plan of a request, which is plain data a run can print and shrink, to its bytes. */
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type Networks, type Twist, twist } from './envelopes.js';
import {
  type Change,
  change,
  changed,
  changedText,
  type TextChange,
  textChange,
  withoutCardAsId,
} from './mutations.js';
import { type Draft, type Operation, operations } from './operations.js';
import { soapOf, type Tree, textOf, treeOf } from './tree.js';

export interface Plan {
  readonly operation: string;
  readonly pick: number;
  readonly token: number;
  readonly serial: number;
  /** To the document, to what is in its envelope, to the text of either, to HTTP. */
  readonly outside: readonly Change[];
  readonly inside: readonly Change[];
  readonly envelope: Twist;
  readonly insideText: TextChange | null;
  readonly text: TextChange | null;
  readonly http: HttpChange | null;
}

export type HttpChange =
  | { readonly act: 'method'; readonly method: string }
  | { readonly act: 'media'; readonly type: string | null }
  | { readonly act: 'encoding'; readonly encoding: string; readonly really: boolean }
  | { readonly act: 'header'; readonly name: string; readonly value: string }
  | { readonly act: 'path'; readonly from: string; readonly to: string };

export interface Wire {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const httpChange: fc.Arbitrary<HttpChange> = fc.oneof(
  fc.record({
    act: fc.constant('method' as const),
    method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'),
  }),
  fc.record({
    act: fc.constant('media' as const),
    type: fc.constantFrom(
      null,
      '',
      'text/plain',
      'text/xml',
      'application/json; charset=utf-16',
      'application/vnd.api+json',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'image/png',
      'nonsense',
      `application/json;${'x'.repeat(2_000)}`,
      '‹card 1›/x',
    ),
  }),
  fc.record({
    act: fc.constant('encoding' as const),
    encoding: fc.constantFrom('gzip', 'deflate', 'br', 'identity', 'x'),
    really: fc.boolean(),
  }),
  fc.record({
    act: fc.constant('header' as const),
    name: fc.constantFrom(
      'traceparent',
      'x-request-id',
      'accept',
      'x-api-key',
      'authorization',
      'cookie',
      'expect',
      'x-forwarded-for',
    ),
    value: fc.constantFrom(
      '‹card 2›',
      '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      'Bearer ‹email 2›',
      '100-continue',
      '*/*;q=0',
      'x'.repeat(4_000),
    ),
  }),
  fc
    .constantFrom(
      ['$', '/'],
      ['$', '?eventType=‹phone 1›&eventID=‹card 3›'],
      ['$', '?eventType=%zz&eventType[]=1&__proto__=x'],
      ['$', '/%2e%2e/%00'],
      ['$', '/%zz'],
      ['$', 'x'],
      ['$', `?${'q=1&'.repeat(2_000)}`],
      ['/v1', '//v1'],
      ['/v1', '/v1/../v1'],
      ['/v1/', '/v2/'],
      ['/v1', '/V1'],
      ['inbound', '%69nbound'],
      ['/[A-Za-z]+([?]|$)', '/‹card 4›$1'],
      ['/[A-Za-z]+([?]|$)', '/__proto__$1'],
      ['/[A-Za-z]+([?]|$)', '/$1'],
      ['tokens/[^/]+', 'tokens/‹dpan 1›'],
      ['tokens/[^/]+', 'tokens/%F0%9F%99%82%20%00'],
      ['tokens/[^/]+', `tokens/${'9'.repeat(4_000)}`],
      ['tokenRequestors/[^/]+', 'tokenRequestors/constructor'],
      ['(mdes|vts)/', '$1/vtis/'],
      ['mdes/', 'vts/'],
      ['vts/', 'mdes/'],
    )
    .map(([from = '', to = '']) => ({ act: 'path' as const, from, to })),
);

/** Of three, one goes as it is, one is changed a little, one more. */
const few = <T>(one: fc.Arbitrary<T>) =>
  fc.oneof(
    { weight: 5, arbitrary: fc.constant<T[]>([]) },
    { weight: 4, arbitrary: fc.array(one, { minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.array(one, { minLength: 2, maxLength: 5 }) },
  );

/** Once in so many, and null otherwise. */
const seldom = <T>(one: fc.Arbitrary<T>, every: number) =>
  fc.oneof({ weight: every - 1, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: one });

/** Plans about `tokens` tokens; `only` names doors or operations. */
export function plans(tokens: number, only: readonly string[] = []): fc.Arbitrary<Plan> {
  const chosen = operations.filter(({ name }) => only.length === 0 || only.some((one) => name.startsWith(one)));
  if (chosen.length === 0) throw new Error(`No operation is called ${only.join(' or ')}.`);
  return fc.record({
    operation: fc.constantFrom(...chosen.map(({ name }) => name)),
    pick: fc.nat({ max: 200 }),
    token: fc.integer({ min: 1, max: tokens }),
    serial: fc.nat({ max: 2 ** 31 }),
    outside: few(change),
    inside: few(change),
    envelope: twist,
    insideText: seldom(textChange, 20),
    text: seldom(textChange, 15),
    http: seldom(httpChange, 12),
  });
}

export interface WireParts {
  readonly networks: Networks;
  /** Puts secrets where placeholders stand. */
  readonly secrets: (text: string) => string;
}

/** The bytes of a plan as of `now` (epoch ms UTC). */
export async function wireOf(plan: Plan, now: number, parts: WireParts): Promise<Wire> {
  const operation = operations.find(({ name }) => name === plan.operation);
  const build = operation?.cases[plan.pick % operation.cases.length];
  if (operation === undefined || build === undefined) throw new Error(`There is no operation ${plan.operation}.`);
  const draft = build({ token: plan.token, serial: plan.serial, now });
  const tree = await documentOf(draft, operation, plan, now, parts);
  const text = operation.xml === true ? soapOf(tree) : textOf(tree);
  const body = withText(Buffer.from(parts.secrets(text)), plan.text, parts);
  const type = operation.xml === true ? 'text/xml' : 'application/json';
  return overHttp(
    { method: draft.method, path: draft.path, headers: { 'content-type': type }, body },
    plan.http,
    parts,
  );
}

async function documentOf(draft: Draft, { door }: Operation, plan: Plan, now: number, parts: WireParts): Promise<Tree> {
  const sealed = async (plain: unknown): Promise<unknown> => {
    const tree = changed(treeOf(plain), plan.inside);
    const text = withText(Buffer.from(parts.secrets(textOf(tree))), plan.insideText, parts).toString('utf8');
    const { networks } = parts;
    return door === 'mdes'
      ? networks.mdes(text, plan.envelope, plan.serial)
      : networks.vts(text, plan.envelope, now, plan.serial);
  };
  const { body, inside } = draft;
  if (door === 'ehi') return withoutCardAsId(changed(treeOf(body), plan.outside));
  if (inside === undefined) return changed(treeOf(body), plan.outside);
  if (door === 'vts') {
    return changed(treeOf({ ...(body as object), encryptedData: await sealed(inside) }), plan.outside);
  }
  let whole = body;
  for (const [path, plain] of Object.entries(inside as object))
    whole = placed(whole, path.split('.'), await sealed(plain));
  return changed(treeOf(whole), plan.outside);
}

/** `whole` with an envelope at a path such as `tokens[0].fundingAccountInfo.encryptedPayload`; the old wire form has it among what stands there. */
function placed(whole: unknown, [step = '', ...rest]: readonly string[], envelope: unknown): unknown {
  const [, name = step, index] = /^(\w+)\[(\d+)\]$/.exec(step) ?? [];
  const holder = (whole ?? {}) as Record<string, unknown>;
  const put = (value: unknown): unknown => {
    if (rest.length > 0) return placed(value, rest, envelope);
    return isObject(value) && isObject(envelope) ? { ...value, ...envelope } : envelope;
  };
  const now = holder[name];
  if (index === undefined) return { ...holder, [name]: put(now) };
  const list = Array.isArray(now) ? now : [];
  return { ...holder, [name]: list.map((item, n) => (n === Number(index) ? put(item) : item)) };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withText(bytes: Buffer, by: TextChange | null, { secrets }: WireParts): Buffer {
  const made = changedText(bytes, by);
  return by?.act === 'instead' ? Buffer.from(secrets(made.toString('utf8'))) : made;
}

function overHttp(wire: Wire, by: HttpChange | null, { secrets }: WireParts): Wire {
  switch (by?.act) {
    case undefined:
      return wire;
    case 'method':
      return { ...wire, method: by.method };
    case 'media': {
      const { 'content-type': _type, ...others } = wire.headers;
      return { ...wire, headers: by.type === null ? others : { ...others, 'content-type': secrets(by.type) } };
    }
    case 'encoding': {
      const body = by.really && by.encoding === 'gzip' ? gzipSync(wire.body) : wire.body;
      return { ...wire, body, headers: { ...wire.headers, 'content-encoding': by.encoding } };
    }
    case 'header':
      return { ...wire, headers: { ...wire.headers, [by.name]: secrets(by.value) } };
    case 'path':
      return {
        ...wire,
        path: encodeURI(secrets(wire.path.replace(new RegExp(by.from), by.to))).replaceAll('%25', '%'),
      };
  }
}
