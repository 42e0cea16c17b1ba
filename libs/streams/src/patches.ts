/**
 * Repairs of kafkajs 2.2.4 that its authors have not released. Each has a test that shows the fault is gone;
 * when an upgrade brings its own repair, the test of the patch's need fails and the patch goes.
 *
 * Timer loop: `RequestQueue.scheduleCheckPendingRequests` re-arms a 1 ms timer for ever once a connection has had a response
 * (tulios/kafkajs issues 1556, 1704, 1751). A timer is needed only while requests wait; `push` and `fulfillRequest` call again when they do.
 *
 * Records: each part of each is encoded and decoded by objects of its own. Ours are written by produce.ts and read by fetch.ts.
 *
 * Coordinators: for each transaction kafkajs asks four times who coordinates it, and its group, of nine requests in all. The answer holds for a
 * second; whoever was told wrongly throws the producer away (processor.ts) or asks again.
 */
import { createRequire } from 'node:module';
import { decodeFetch, type FetchResponse } from './fetch.js';
import { encodeProduce, isPlain, type ProduceFields } from './produce.js';

interface RequestQueue {
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  readonly pending: readonly unknown[];
  checkPendingRequests(): void;
}

const checkIntervalMs = 10;

export function patchKafkajs(): void {
  patchRequestQueue();
  patchProduce();
  patchFetch();
  patchCoordinators();
}

/** Of one kind of request: gives for a version what makes a request of its fields, and what reads the response. */
interface RequestDefinition<Fields, Made> {
  protocol(of: { readonly version: number }): (fields: Fields) => Made;
}

interface ProduceRequest {
  readonly request: { readonly encode: () => Promise<{ readonly buf: Buffer; readonly buffer: Buffer }> };
}

interface FetchRequest {
  readonly response: { readonly decode: (bytes: Buffer) => Promise<FetchResponse> };
}

/** From this version on produce.ts writes a produce request. */
const oldestProduce = 3;
/** The version of a fetch that fetch.ts reads: the newest kafkajs knows. */
const fetchVersion = 11;

function patchProduce(): void {
  patchRequests<ProduceFields, ProduceRequest>(
    'produce',
    (version) => version >= oldestProduce,
    (made, fields) => {
      if (!isPlain(fields)) return made;
      const encode = async () => {
        const buffer = encodeProduce(fields, Date.now());
        return { buf: buffer, buffer };
      };
      return { ...made, request: { ...made.request, encode } };
    },
  );
}

function patchFetch(): void {
  patchRequests<object, FetchRequest>(
    'fetch',
    (version) => version === fetchVersion,
    (made) => {
      const decode = async (bytes: Buffer) => decodeFetch(bytes) ?? made.response.decode(bytes);
      return { ...made, response: { ...made.response, decode } };
    },
  );
}

/** Requests of a kind, in the versions that are ours, become what `patched` makes of kafkajs' own. */
function patchRequests<Fields, Made>(
  kind: string,
  isOurs: (version: number) => boolean,
  patched: (own: Made, fields: Fields) => Made,
): void {
  const file = `kafkajs/src/protocol/requests/${kind}`;
  const definition = createRequire(import.meta.url)(file) as RequestDefinition<Fields, Made>;
  const { protocol } = definition;
  definition.protocol = ({ version }) => {
    const own = protocol({ version });
    return isOurs(version) ? (fields) => patched(own(fields), fields) : own;
  };
}

interface CoordinatorQuestion {
  readonly groupId: string;
  readonly coordinatorType: number;
}

/** In kafkajs' coordinatorTypes. */
const ofTransactions = 1;
const coordinatorHoldsMs = 1_000;

/** Of a client that asks for transactions; a consumer's asks seldom, and then because the last answer has become wrong. */
function patchCoordinators(): void {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/cluster') as {
    prototype: { findGroupCoordinatorMetadata(question: CoordinatorQuestion): Promise<object> };
  };
  const find = prototype.findGroupCoordinatorMetadata;
  const answers = new WeakMap<object, Map<string, { readonly answer: object; readonly until: number }>>();
  prototype.findGroupCoordinatorMetadata = async function ask(question: CoordinatorQuestion): Promise<object> {
    const { groupId, coordinatorType } = question;
    if (coordinatorType === ofTransactions && !answers.has(this)) answers.set(this, new Map());
    const name = `${coordinatorType} ${groupId}`;
    const known = answers.get(this)?.get(name);
    if (known !== undefined && Date.now() < known.until) return known.answer;
    const answer = await find.call(this, question);
    answers.get(this)?.set(name, { answer, until: Date.now() + coordinatorHoldsMs });
    return answer;
  };
}

function patchRequestQueue(): void {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as {
    prototype: { scheduleCheckPendingRequests(this: RequestQueue): void };
  };
  prototype.scheduleCheckPendingRequests = function schedule(this: RequestQueue): void {
    if (this.throttleCheckTimeoutId !== null && this.throttleCheckTimeoutId !== undefined) return;
    if (this.pending.length === 0) return;
    const throttledFor = this.throttledUntil - Date.now();
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      },
      throttledFor > 0 ? throttledFor : checkIntervalMs,
    );
  };
}
