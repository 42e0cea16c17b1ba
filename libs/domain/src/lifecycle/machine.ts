/**
 * The life of one payment token, as an XState machine: it decides what is legal and documents itself (the diagram in libs/domain/README.md
 * is drawn from it). Used through pure transitions only: no actors, no clocks, no side effects.
 *
 *   status        inactive → active ⇄ suspended → deleted (final; from any of the others)
 *   provisioning  unknown → requested | awaitingAuthentication → authenticated → completed; or declined (final), failed, abandoned
 *   onDevice      no → yes
 *
 * Completion: the token is active and, for a device token, is on the device or has passed its step-up; a token that lives on no device
 * (card on file, browser) is complete once active. This one rule gives each network's end of flow: Visa green at the TCN (why 72, A), Visa yellow at
 * the TEN why 73/74/75 with A and not at the TCN with I, Visa card on file at the TEN why 71 with A, Mastercard at the TCN
 * (visa-vts-and-thredd-ehi.md 5.4; seeds/1, 7.5).
 */
import { and, assign, not, or, setup, stateIn } from 'xstate';
import type { Party, ProvisioningPath, TokenType } from '../generated/records.js';

export interface LifeInput {
  readonly tokenType?: TokenType | undefined;
}

export interface LifeContext {
  readonly tokenType: TokenType | undefined;
  /** In order of joining; a set. */
  readonly suspendedBy: readonly Party[];
  readonly path: ProvisioningPath | undefined;
  readonly requestedAt: number | undefined;
  readonly onDeviceAt: number | undefined;
  readonly activatedAt: number | undefined;
  readonly completedAt: number | undefined;
  /** Time of the event in hand: eventless transitions need it. */
  readonly now: number;
}

/** `at` is when it happened at the network, epoch ms. */
export type LifeEvent =
  | { readonly type: 'REQUEST_APPROVED'; readonly at: number }
  | { readonly type: 'REQUEST_NEEDS_AUTHENTICATION'; readonly at: number }
  | { readonly type: 'REQUEST_DECLINED'; readonly at: number }
  | { readonly type: 'CODE_ISSUED'; readonly at: number }
  | { readonly type: 'AUTHENTICATED'; readonly at: number }
  | { readonly type: 'AUTHENTICATION_FAILED'; readonly at: number }
  | { readonly type: 'PROVISIONED_ON_DEVICE'; readonly at: number }
  | { readonly type: 'ABANDONED'; readonly at: number }
  | { readonly type: 'REPORTED_INACTIVE'; readonly at: number }
  | { readonly type: 'REPORTED_ACTIVE'; readonly at: number }
  | { readonly type: 'REPORTED_SUSPENDED'; readonly at: number }
  | { readonly type: 'SUSPENDED_BY'; readonly at: number; readonly party: Party }
  | { readonly type: 'RESUMED_BY'; readonly at: number; readonly party: Party }
  | { readonly type: 'SUSPENDERS_REPORTED'; readonly at: number; readonly parties: readonly Party[] }
  | { readonly type: 'DELETED'; readonly at: number };

export const lifeEventTypes = [
  'REQUEST_APPROVED',
  'REQUEST_NEEDS_AUTHENTICATION',
  'REQUEST_DECLINED',
  'CODE_ISSUED',
  'AUTHENTICATED',
  'AUTHENTICATION_FAILED',
  'PROVISIONED_ON_DEVICE',
  'ABANDONED',
  'REPORTED_INACTIVE',
  'REPORTED_ACTIVE',
  'REPORTED_SUSPENDED',
  'SUSPENDED_BY',
  'RESUMED_BY',
  'SUSPENDERS_REPORTED',
  'DELETED',
] as const satisfies readonly LifeEvent['type'][];

/** Deleted and declined are for good: nothing is legal after them. */
const open = and([not(stateIn({ status: 'deleted' })), not(stateIn({ provisioning: 'declined' }))]);

const onItsDevice = or([
  stateIn({ onDevice: 'yes' }),
  stateIn({ provisioning: 'authenticated' }),
  ({ context }: { context: LifeContext }) => context.tokenType === 'CARD_ON_FILE' || context.tokenType === 'BROWSER',
]);

const complete = { guard: 'isComplete', target: 'completed', actions: ['markCompleted'] } as const;

export const tokenLife = setup({
  types: {} as { context: LifeContext; events: LifeEvent; input: LifeInput },
  guards: {
    isOpen: open,
    isComplete: and([stateIn({ status: 'active' }), onItsDevice]),
    isLastSuspender: ({ context, event }) =>
      event.type === 'RESUMED_BY' && context.suspendedBy.every((party) => party === event.party),
    isSuspender: ({ context, event }) => event.type === 'RESUMED_BY' && context.suspendedBy.includes(event.party),
    hasSuspenders: and([open, ({ event }) => event.type === 'SUSPENDERS_REPORTED' && event.parties.length > 0]),
    hasNoSuspenders: ({ event }) => event.type === 'SUSPENDERS_REPORTED' && event.parties.length === 0,
  },
  actions: {
    markTime: assign({ now: ({ event }) => event.at }),
    markGreen: assign({ path: 'GREEN', requestedAt: ({ context, event }) => context.requestedAt ?? event.at }),
    markYellow: assign({ path: 'YELLOW', requestedAt: ({ context, event }) => context.requestedAt ?? event.at }),
    markRed: assign({ path: 'RED', requestedAt: ({ context, event }) => context.requestedAt ?? event.at }),
    inferYellow: assign({ path: ({ context }) => context.path ?? 'YELLOW' }),
    markActivated: assign({
      suspendedBy: [],
      activatedAt: ({ context, event }) => context.activatedAt ?? event.at,
      now: ({ event }) => event.at,
    }),
    markOnDevice: assign({ onDeviceAt: ({ event }) => event.at, now: ({ event }) => event.at }),
    markCompleted: assign({
      completedAt: ({ context }) => context.now,
      path: ({ context }) => context.path ?? 'GREEN',
    }),
    addSuspender: assign({
      suspendedBy: ({ context, event }) => {
        const party = event.type === 'SUSPENDED_BY' ? event.party : 'UNKNOWN';
        return context.suspendedBy.includes(party) ? context.suspendedBy : [...context.suspendedBy, party];
      },
    }),
    removeSuspender: assign({
      suspendedBy: ({ context, event }) =>
        context.suspendedBy.filter((party) => event.type !== 'RESUMED_BY' || party !== event.party),
    }),
    setSuspenders: assign({
      suspendedBy: ({ context, event }) =>
        event.type === 'SUSPENDERS_REPORTED' ? [...new Set(event.parties)] : context.suspendedBy,
    }),
  },
}).createMachine({
  id: 'token',
  type: 'parallel',
  context: ({ input }) => ({
    tokenType: input.tokenType,
    suspendedBy: [],
    path: undefined,
    requestedAt: undefined,
    onDeviceAt: undefined,
    activatedAt: undefined,
    completedAt: undefined,
    now: 0,
  }),
  states: {
    status: {
      initial: 'inactive',
      states: {
        inactive: {
          on: {
            REPORTED_INACTIVE: { guard: 'isOpen', actions: ['markTime'] },
            REPORTED_ACTIVE: { guard: 'isOpen', target: 'active', actions: ['markActivated'] },
            REPORTED_SUSPENDED: { guard: 'isOpen', target: 'suspended', actions: ['addSuspender'] },
            SUSPENDED_BY: { guard: 'isOpen', target: 'suspended', actions: ['addSuspender'] },
            SUSPENDERS_REPORTED: { guard: 'hasSuspenders', target: 'suspended', actions: ['setSuspenders'] },
            DELETED: { guard: 'isOpen', target: 'deleted' },
          },
        },
        active: {
          on: {
            REPORTED_ACTIVE: { actions: ['markTime'] },
            REPORTED_SUSPENDED: { target: 'suspended', actions: ['addSuspender'] },
            SUSPENDED_BY: { target: 'suspended', actions: ['addSuspender'] },
            SUSPENDERS_REPORTED: [
              { guard: 'hasSuspenders', target: 'suspended', actions: ['setSuspenders'] },
              { guard: 'hasNoSuspenders', actions: ['markTime'] },
            ],
            DELETED: { target: 'deleted' },
          },
        },
        suspended: {
          on: {
            REPORTED_ACTIVE: { target: 'active', actions: ['markActivated'] },
            REPORTED_SUSPENDED: { actions: ['markTime'] },
            SUSPENDED_BY: { actions: ['addSuspender'] },
            RESUMED_BY: [
              { guard: 'isLastSuspender', target: 'active', actions: ['markActivated'] },
              { guard: 'isSuspender', actions: ['removeSuspender'] },
            ],
            SUSPENDERS_REPORTED: [
              { guard: 'hasSuspenders', actions: ['setSuspenders'] },
              { guard: 'hasNoSuspenders', target: 'active', actions: ['markActivated'] },
            ],
            DELETED: { target: 'deleted' },
          },
        },
        deleted: { type: 'final' },
      },
    },
    provisioning: {
      initial: 'unknown',
      on: {
        // A step-up message says that there was a step-up, whether or not the request itself ever reached us.
        CODE_ISSUED: { guard: 'isOpen', actions: ['inferYellow'] },
      },
      states: {
        unknown: {
          always: complete,
          on: {
            REQUEST_APPROVED: { guard: 'isOpen', target: 'requested', actions: ['markGreen'] },
            REQUEST_NEEDS_AUTHENTICATION: {
              guard: 'isOpen',
              target: 'awaitingAuthentication',
              actions: ['markYellow'],
            },
            REQUEST_DECLINED: { guard: stateIn({ status: 'inactive' }), target: 'declined', actions: ['markRed'] },
            CODE_ISSUED: { guard: 'isOpen', target: 'awaitingAuthentication', actions: ['inferYellow'] },
            AUTHENTICATED: { guard: 'isOpen', target: 'authenticated', actions: ['inferYellow', 'markTime'] },
            AUTHENTICATION_FAILED: { guard: 'isOpen', target: 'failed', actions: ['inferYellow'] },
            ABANDONED: { guard: 'isOpen', target: 'abandoned' },
          },
        },
        requested: {
          always: complete,
          on: {
            REQUEST_APPROVED: { guard: 'isOpen', actions: ['markTime'] },
            REQUEST_NEEDS_AUTHENTICATION: {
              guard: 'isOpen',
              target: 'awaitingAuthentication',
              actions: ['markYellow'],
            },
            REQUEST_DECLINED: { guard: stateIn({ status: 'inactive' }), target: 'declined', actions: ['markRed'] },
            AUTHENTICATED: { guard: 'isOpen', target: 'authenticated', actions: ['markTime'] },
            AUTHENTICATION_FAILED: { guard: 'isOpen', target: 'failed' },
            ABANDONED: { guard: 'isOpen', target: 'abandoned' },
          },
        },
        awaitingAuthentication: {
          always: complete,
          on: {
            REQUEST_APPROVED: { guard: 'isOpen', target: 'requested', actions: ['markGreen'] },
            REQUEST_NEEDS_AUTHENTICATION: { guard: 'isOpen', actions: ['markYellow'] },
            REQUEST_DECLINED: { guard: stateIn({ status: 'inactive' }), target: 'declined', actions: ['markRed'] },
            AUTHENTICATED: { guard: 'isOpen', target: 'authenticated', actions: ['markTime'] },
            AUTHENTICATION_FAILED: { guard: 'isOpen', target: 'failed' },
            ABANDONED: { guard: 'isOpen', target: 'abandoned' },
          },
        },
        authenticated: {
          always: complete,
          on: {
            AUTHENTICATED: { guard: 'isOpen', actions: ['markTime'] },
            ABANDONED: { guard: 'isOpen', target: 'abandoned' },
          },
        },
        failed: {
          always: complete,
          on: {
            REQUEST_APPROVED: { guard: 'isOpen', target: 'requested', actions: ['markGreen'] },
            REQUEST_NEEDS_AUTHENTICATION: {
              guard: 'isOpen',
              target: 'awaitingAuthentication',
              actions: ['markYellow'],
            },
            REQUEST_DECLINED: { guard: stateIn({ status: 'inactive' }), target: 'declined', actions: ['markRed'] },
            CODE_ISSUED: { guard: 'isOpen', target: 'awaitingAuthentication' },
            AUTHENTICATED: { guard: 'isOpen', target: 'authenticated', actions: ['markTime'] },
            AUTHENTICATION_FAILED: { guard: 'isOpen', actions: ['markTime'] },
            ABANDONED: { guard: 'isOpen', target: 'abandoned' },
          },
        },
        abandoned: {
          always: complete,
          on: {
            REQUEST_APPROVED: { guard: 'isOpen', target: 'requested', actions: ['markGreen'] },
            REQUEST_NEEDS_AUTHENTICATION: {
              guard: 'isOpen',
              target: 'awaitingAuthentication',
              actions: ['markYellow'],
            },
            AUTHENTICATED: { guard: 'isOpen', target: 'authenticated', actions: ['markTime'] },
          },
        },
        completed: {
          on: {
            // The other half of a pair that already completed the flow is no fault.
            AUTHENTICATED: { guard: 'isOpen', actions: ['markTime'] },
          },
        },
        declined: { type: 'final' },
      },
    },
    onDevice: {
      initial: 'no',
      states: {
        no: { on: { PROVISIONED_ON_DEVICE: { guard: 'isOpen', target: 'yes', actions: ['markOnDevice'] } } },
        yes: { on: { PROVISIONED_ON_DEVICE: { guard: 'isOpen', actions: ['markTime'] } } },
      },
    },
  },
});
