/** The reckoning against the fold, and by itself on the flows of the domain page. */
import { compareFacts, fold, type TokenFact } from '@tokenline/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyFacts } from '../testing/any-facts.js';
import { fact, greenStory, noon, yellowStory } from '../testing/given.js';
import { reckon, slotsOf } from './oracle.js';

const at = (seconds: number): number => noon + seconds * 1_000;
const active = { reportedStatus: 'ACTIVE' } as const;

describe('the reckoning', () => {
  const flows: readonly (readonly [name: string, facts: readonly TokenFact[], completedAt: number | undefined])[] = [
    ['Visa green, device: at the TCN', greenStory(), at(9)],
    ['Visa yellow, device: at the last TEN, not at the TCN', yellowStory(), at(90)],
    ['Visa yellow, code not entered: never', yellowStory().slice(0, -1), undefined],
    ['Visa green, device, before the TCN: not yet', greenStory().slice(0, -1), undefined],
    ['Visa card on file: at the TEN', [fact('TOKEN_CREATED', 1, { ...active, tokenType: 'CARD_ON_FILE' })], at(1)],
    ['Mastercard: at the TCN, which states no status', [fact('DEVICE_PROVISIONED', 5, { network: 'MDES' })], at(5)],
    [
      'declined: never',
      [fact('PROVISIONING_REQUESTED', 0, { decision: 'DECLINED' }), fact('DEVICE_PROVISIONED', 9, active)],
      undefined,
    ],
  ];

  it.each(flows)('%s', (_name, facts, completedAt) => {
    expect(reckon([...facts].reverse()).completedAt).toBe(completedAt);
  });

  it('keeps a token down until the last party lets go', () => {
    const held = [
      ...greenStory(),
      fact('TOKEN_SUSPENDED', 100, { actor: 'ISSUER' }),
      fact('TOKEN_SUSPENDED', 110, { actor: 'CARDHOLDER' }),
      fact('TOKEN_RESUMED', 120, { actor: 'ISSUER' }),
    ];
    expect(reckon(held)).toMatchObject({ status: 'SUSPENDED', suspendedBy: ['CARDHOLDER'] });
    expect(reckon([...held, fact('TOKEN_RESUMED', 130, { actor: 'CARDHOLDER' })])).toMatchObject({ status: 'ACTIVE' });
  });

  it('knows a binding by its slot or by its device, and lets it go by either', () => {
    const [desk, sofa] = [{ id: 'd1' }, { id: 'd2' }];
    const bound = [
      fact('DEVICE_BOUND', 10, { bindingId: '1', device: desk }),
      fact('DEVICE_BOUND', 20, { device: sofa }),
      fact('DEVICE_BOUND', 30, { device: desk }),
      fact('DEVICE_BOUND', 40, {}),
    ];
    expect(reckon(bound).bindings).toEqual([
      { bindingId: undefined, deviceId: 'd2', boundAt: at(20) },
      { bindingId: '1', deviceId: 'd1', boundAt: at(30) },
    ]);
    expect(reckon([...bound, fact('DEVICE_UNBOUND', 50, { bindingId: '1' })]).bindings).toMatchObject([
      { deviceId: 'd2' },
    ]);
    expect(reckon([...bound, fact('DEVICE_UNBOUND', 50, { device: sofa })]).bindings).toMatchObject([
      { deviceId: 'd1' },
    ]);
  });

  it('comes to what the fold comes to, whatever the facts', () => {
    fc.assert(
      fc.property(anyFacts(), (facts) => {
        const state = fold('t1', [...facts].sort(compareFacts)).state;
        const { status, suspendedBy, provisioning, firstUsedAt } = state;
        const bindings = slotsOf(state);
        const { completedAt } = provisioning;
        expect(reckon(facts)).toEqual({ status, suspendedBy, completedAt, firstUsedAt, bindings });
      }),
      { numRuns: 3_000 },
    );
  });
});
