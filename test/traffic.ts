/** Tokens and messages for end-to-end tests: made from the sample day's builders, with ids a test can tell apart. */
import { type Delivery, deliveriesOf, type EhiNetwork, type EhiToken, type Flow, luhnComplete } from '@tokenline/cli';
import type { System, Token } from './system.js';
import { until } from './wait.js';

export const zone = 'Europe/London';

/** The n-th token of a test: its names and numbers all follow from `n`. */
export function testToken(n: number, network: EhiNetwork = 'VISA-T', more: Partial<EhiToken> = {}): EhiToken {
  const serial = String(n).padStart(15, '0');
  const visa = network === 'VISA-T';
  return {
    network,
    paymentTokenId: 70_000_000 + n,
    publicToken: 100_000_000 + (n % 1000),
    type: 'SE',
    wallet: 'APPLE',
    deviceType: 'M',
    deviceId: `04${serial}`.padEnd(48, 'F'),
    deviceName: 'Test iPhone',
    trace: `${visa ? 'VIS1' : 'BNET'}-20300115-${serial}`,
    reference: visa ? `DNITHE${serial.padStart(18, '0')}` : `DTEST${serial}`.padEnd(48, '0'),
    dpan: luhnComplete(`${visa ? '411111' : '555555'}${serial.slice(-9)}`),
    expiry: '2033-01-31',
    ...more,
  };
}

/** The messages of a token's flow, in the order they happened; TXn_IDs follow from its id. */
export function messagesOfFlow(token: EhiToken, flow: Flow, start: number): Delivery[] {
  const base = Number(token.trace.slice(-15)) * 100;
  return deliveriesOf(token, flow, { id: (step) => 9_000_000_000 + base + step, start, zone });
}

export function aliasOf(token: EhiToken): string {
  return token.paymentTokenId === 0
    ? `lifecycleTraceId:${token.trace}`
    : `threddPaymentTokenId:${token.paymentTokenId}`;
}

/** A token whose creation is told under one name and its device under another, until a third fact carries both: as `POST /v1/facts` takes them. */
export function splitToken(id: string, names: readonly [AliasName, AliasName], start: number) {
  const [first, second] = names;
  return [[first], [second], [first, second]].map((aliases, n) => ({
    factId: `${id}-${n}`,
    kind: n === 0 ? 'TOKEN_CREATED' : 'DEVICE_PROVISIONED',
    network: 'VTS',
    occurredAt: new Date(start + n * 1_000).toISOString(),
    reportedStatus: 'ACTIVE',
    tokenType: 'HCE',
    aliases,
  }));
}

interface AliasName {
  readonly kind: string;
  readonly value: string;
}

/** Posts the facts of a split token. In whatever order they arrive it ends the same, but only in this one do two tokens have to merge. */
export async function postSplitToken(system: System, start: number): Promise<void> {
  const reference = { kind: 'tokenReferenceId', value: 'DNITHE000000000000777777' };
  const processorId = { kind: 'threddPaymentTokenId', value: '77777777' };
  for (const fact of splitToken('split', [reference, processorId], start)) {
    const answer = await system.send('POST', `${system.urls.ingest}/v1/facts`, JSON.stringify(fact));
    if (answer.status !== 202) throw new Error(`Refused with ${answer.status}: ${answer.text}`);
    for (const { kind, value } of fact.aliases)
      await until(`a token is named ${kind}`, () => system.token(`${kind}:${value}`));
  }
}

/** What a token comes to, without ids and times. */
export function pictureOf(token: Token | undefined) {
  return (
    token && {
      status: token.status,
      outcome: token.provisioning.outcome,
      path: token.provisioning.path,
      suspendedBy: token.suspendedBy,
    }
  );
}

/** The token, once its provisioning is complete. */
export async function untilComplete(system: System, token: EhiToken, deadlineMs = 60_000): Promise<Token> {
  let last: unknown;
  return until(
    `${aliasOf(token)} is complete`,
    async () => {
      const now = await system.token(aliasOf(token));
      last = now;
      return now?.provisioning.outcome === 'COMPLETED' && now;
    },
    deadlineMs,
    () => last,
  );
}

/** Posts until acknowledged, as an EHI sender does: a lost connection, 503 or another fault of ours means sending again. */
export async function postUntilAcknowledged(system: System, message: Delivery): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const answer = await system.postEhi(message.text, message.contentType).catch(() => undefined);
    if (answer?.status === 200) return;
    if (answer !== undefined && answer.status < 500) throw new Error(`Refused with ${answer.status}: ${answer.text}`);
    if (attempt === 600) throw new Error(`Not acknowledged after ${attempt} tries.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Works through lists side by side; each list in its own order. */
export async function inParallel<T>(lists: readonly (readonly T[])[], width: number, work: (item: T) => Promise<void>) {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < lists.length) for (const item of lists[next++] as readonly T[]) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, lists.length) }, worker));
}

/** Every order of the items. */
export function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}
