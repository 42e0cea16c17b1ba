/** From a flow to the messages a sender delivers: ids, times, activation codes, late and repeated deliveries. */
import type { Message } from '../messages.js';
import { asSoap, type EhiToken, ehiMessage } from './ehi.js';
import type { Flow, Step } from './flows.js';

export interface Delivery extends Message {
  /** When it is delivered, epoch ms UTC. */
  readonly at: number;
}

export interface DeliverySetting {
  /** TXn_ID of the n-th step. */
  readonly id: (step: number) => number;
  /** When the flow starts, epoch ms UTC. */
  readonly start: number;
  /** Zone of EHI's local stamps. */
  readonly zone: string;
  /** Nothing is delivered later than this, epoch ms UTC. */
  readonly until?: number;
}

/** The deliveries of one token's flow, step by step; sorted by `at` they come as a sender would send them. */
export function deliveriesOf(token: EhiToken, flow: Flow, setting: DeliverySetting): Delivery[] {
  return flow.steps.flatMap((step, n) => deliveriesOfStep(token, step, setting.id(n), setting));
}

/** The first delivery of a step and, where the acknowledgement was lost, the second. */
function deliveriesOfStep(token: EhiToken, step: Step, id: number, setting: DeliverySetting): Delivery[] {
  const { after, delay = 0, repeatAfter, code, soap, ...event } = step;
  const { start, zone, until = Number.POSITIVE_INFINITY } = setting;
  const at = start + after * 1000 + (id % 1000);
  const activation = code && activationOf(code, id, at);
  const build = (attempt: number, deliveredAt: number): Delivery => {
    const message = ehiMessage(token, { ...event, id, at, zone, attempt, ...(activation && { activation }) });
    const body: Message =
      soap === true
        ? { text: asSoap(message), contentType: 'text/xml' }
        : { text: JSON.stringify(message), contentType: 'application/json' };
    return { ...body, at: Math.min(deliveredAt, until) };
  };
  const attempt = event.attempt ?? 0;
  const first = build(attempt, at + delay * 1000);
  return repeatAfter === undefined ? [first] : [first, build(attempt + 1, at + repeatAfter * 1000)];
}

/** A code and where it goes: Ofcom's numbers for drama, RFC 2606's domain. It lapses after two hours. */
function activationOf(kind: NonNullable<Step['code']>, id: number, at: number) {
  return {
    code: String(id % 1_000_000).padStart(6, '0'),
    method: kind === 'sms' ? 1 : 2,
    contact: kind === 'sms' ? `+447700900${100 + (id % 899)}` : 'step.up@example.com',
    expiresAt: at + 2 * 60 * 60 * 1000,
  };
}
