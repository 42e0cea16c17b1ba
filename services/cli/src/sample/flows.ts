/**
 * The ways a provisioning goes, message by message, for both networks (visa-vts-and-thredd-ehi.md 5.4; mastercard-mdes.md 6).
 * A flow is a list of steps relative to its start; it knows nothing of ids, clocks or tokens.
 */
import type { EhiEvent, EhiNetwork } from './ehi.js';

/** One message of a flow. */
export interface Step extends Omit<EhiEvent, 'id' | 'at' | 'zone' | 'activation'> {
  /** Seconds after the start of the flow. */
  readonly after: number;
  /** Seconds between happening and first delivery: what makes a message late. */
  readonly delay?: number;
  /** Delivered again after this many seconds, as after a lost acknowledgement. */
  readonly repeatAfter?: number;
  /** Carries an activation code, for this kind of contact. */
  readonly code?: 'sms' | 'email';
  /** Sent as SOAP XML. */
  readonly soap?: boolean;
}

/** What a flow leads to, in the query door's words. */
export interface Ending {
  readonly status: 'INACTIVE' | 'ACTIVE' | 'SUSPENDED' | 'DELETED';
  readonly suspendedBy: readonly string[];
  readonly outcome: 'COMPLETED' | 'DECLINED' | 'FAILED' | 'AWAITING_AUTHENTICATION';
  readonly path: 'GREEN' | 'YELLOW' | 'RED';
  /** Whether the cardholder is told of the completion: device tokens only. */
  readonly notice: boolean;
}

export interface Flow {
  readonly steps: readonly Step[];
  readonly ending: Ending;
}

const completed = (path: Ending['path'], notice = true): Ending => ({
  status: 'ACTIVE',
  suspendedBy: [],
  outcome: 'COMPLETED',
  path,
  notice,
});

const inactive = (outcome: Ending['outcome'], path: Ending['path']): Ending => ({
  status: 'INACTIVE',
  suspendedBy: [],
  outcome,
  path,
  notice: false,
});

/** Approved at once. Visa: TAR, TEN 71, TCN 72. Mastercard: TAR, TCN. */
export function green(network: EhiNetwork): Flow {
  const steps: Step[] =
    network === 'VISA-T'
      ? [
          { kind: 'TAR', after: 0, why: 71 },
          { kind: 'TEN', after: 1, why: 71, status: 'A', source: 'VISA-T' },
          { kind: 'TCN', after: 9, why: 72, status: 'A', source: 'VISA-T' },
        ]
      : [
          { kind: 'TAR', after: 0, status: 'N' },
          { kind: 'TCN', after: 7, status: 'A', source: 'MC-MDES' },
        ];
  return { steps, ending: completed('GREEN') };
}

/** Approved after a step-up. `why` is Visa's way of it: 73 code, 74 call centre, 75 banking app. */
export function yellow(network: EhiNetwork, why: 73 | 74 | 75 = 73, code: 'sms' | 'email' = 'sms'): Flow {
  const withCode: Step[] = why === 73 ? [{ kind: 'ACN', after: 20, status: 'I', code }] : [];
  const steps: Step[] =
    network === 'VISA-T'
      ? [
          { kind: 'TAR', after: 0, why: 71, response: '85' },
          { kind: 'TEN', after: 1, why: 71, status: 'I', source: 'VISA-T' },
          ...withCode,
          { kind: 'TCN', after: 22, why: 72, status: 'I', source: 'VISA-T' },
          { kind: 'TEN', after: 90, why, status: 'A', source: why === 74 ? 'ISSUER' : 'VISA-T' },
        ]
      : [
          { kind: 'TAR', after: 0, status: 'N', response: '85' },
          { kind: 'ACN', after: 15, status: 'N', code },
          { kind: 'TCN', after: 80, status: 'A', source: 'MC-MDES' },
        ];
  return { steps, ending: completed('YELLOW') };
}

/** Refused: the request is all there is. */
export function declined(network: EhiNetwork): Flow {
  const step: Step =
    network === 'VISA-T'
      ? { kind: 'TAR', after: 0, why: 71, response: '05' }
      : { kind: 'TAR', after: 0, status: 'N', response: '05' };
  return { steps: [step], ending: inactive('DECLINED', 'RED') };
}

/** Stepped up, and the code failed: 53 lapsed, 54 wrong, 55 too often wrong. */
export function failedCode(why: 53 | 54 | 55): Flow {
  const { steps } = yellow('VISA-T');
  return {
    steps: [...steps.slice(0, -1), { kind: 'TEN', after: 200, why, status: 'I', response: '06', source: 'VISA-T' }],
    ending: inactive('FAILED', 'YELLOW'),
  };
}

/** Stepped up, and nobody has entered the code yet. */
export function unanswered(): Flow {
  return { steps: yellow('VISA-T').steps.slice(0, -1), ending: inactive('AWAITING_AUTHENTICATION', 'YELLOW') };
}

/** A token without a device, at a merchant or in a browser: complete once active, nobody is notified. */
export function withoutDevice(network: EhiNetwork): Flow {
  const steps: Step[] =
    network === 'VISA-T'
      ? [
          { kind: 'TAR', after: 0, why: 71 },
          { kind: 'TEN', after: 1, why: 71, status: 'A', source: 'VISA-T' },
        ]
      : [
          { kind: 'TAR', after: 0, status: 'N' },
          { kind: 'TCN', after: 2, status: 'A', source: 'MC-MDES' },
        ];
  return { steps, ending: completed('GREEN', false) };
}

/** The flow with more steps behind it, and another ending. */
export function followedBy(flow: Flow, steps: readonly Step[], ending: Partial<Ending> = {}): Flow {
  return { steps: [...flow.steps, ...steps], ending: { ...flow.ending, ...ending } };
}

/** The flow with its n-th step changed. */
export function withStep(flow: Flow, n: number, change: Partial<Step>): Flow {
  return { ...flow, steps: flow.steps.map((step, index) => (index === n ? { ...step, ...change } : step)) };
}
