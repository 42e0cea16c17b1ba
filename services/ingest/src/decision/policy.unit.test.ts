import { describe, expect, it } from 'vitest';
import { configuredPolicy, PolicyError, parsePolicy, safePolicy } from './policy.js';
import type { DecisionRequest } from './port.js';

const asked: DecisionRequest = {
  question: 'PROVISIONING',
  network: 'MDES',
  cardNumber: '5123456789012346',
  wallet: 'APPLE',
  tokenRequestorId: '50110030273',
  tokenType: 'SECURE_ELEMENT',
  panSource: 'ACCOUNT_ADDED_MANUALLY',
  deviceScore: 3,
  recommendation: 'AUTHENTICATE',
  recommendationReasons: ['ACCOUNT_CARD_TOO_NEW'],
};
const decided = (policy: object, request: Partial<DecisionRequest> = {}) =>
  configuredPolicy(parsePolicy(JSON.stringify(policy))).decide({ ...asked, ...request });
const approving = (when: object) => ({
  rules: [{ name: 'it', when, decision: 'APPROVED' }],
  otherwise: { decision: 'DECLINED', declineReason: 'DO_NOT_HONOR' },
  methods: [{ method: 'SMS', value: 'number on file' }],
});

describe('a configured policy', () => {
  it('decides by the first rule that fits, and says which', async () => {
    const policy = {
      rules: [
        { name: 'weak devices', when: { deviceScoreBelow: 4 }, decision: 'AUTHENTICATE', productId: 'P1' },
        { name: 'all', when: {}, decision: 'APPROVED' },
      ],
      otherwise: { decision: 'DECLINED' },
      methods: [{ method: 'SMS', value: 'number on file' }],
    };
    const methods = [{ method: 'SMS', value: 'number on file' }];
    expect(await decided(policy)).toEqual({ decision: 'AUTHENTICATE', methods, productId: 'P1', rule: 'weak devices' });
    expect(await decided(policy, { deviceScore: 4 })).toEqual({ decision: 'APPROVED', methods: [], rule: 'all' });
    const asks = { question: 'ACTIVATION_METHODS', deviceScore: 5 } as const;
    expect((await decided(policy, asks)).methods, 'methods were asked for').toEqual(methods);
  });

  it.each([
    [{ networks: ['MDES'] }, { network: 'VTS' as const }],
    [{ questions: ['PROVISIONING'] }, { question: 'AUTHENTICATION' as const }],
    [{ accountRanges: ['4000', '512345'] }, { cardNumber: '5123446789012346' }],
    [{ wallets: ['APPLE'] }, { wallet: 'GOOGLE' }],
    [{ tokenRequestorIds: ['50110030273'] }, { tokenRequestorId: '1' }],
    [{ tokenTypes: ['SECURE_ELEMENT'] }, { tokenType: 'CARD_ON_FILE' as const }],
    [{ panSources: ['ACCOUNT_ADDED_MANUALLY'] }, { panSource: 'ACCOUNT_ON_FILE' }],
    [{ deviceScoreBelow: 4 }, { deviceScore: 4 }],
    [{ recommendations: ['AUTHENTICATE'] }, { recommendation: 'APPROVED' as const }],
    [{ recommendationReasons: ['ACCOUNT_CARD_TOO_NEW'] }, { recommendationReasons: ['LOW_DEVICE_SCORE'] }],
    [{ wallets: ['APPLE'], deviceScoreBelow: 4 }, { wallet: 'GOOGLE' }],
  ])('with %j fits the request as it was, not with %j, nor without what it asks for', async (when, other) => {
    expect((await decided(approving(when))).decision).toBe('APPROVED');
    expect(await decided(approving(when), other)).toEqual({
      decision: 'DECLINED',
      methods: [],
      declineReason: 'DO_NOT_HONOR',
      rule: 'otherwise',
    });
    const [name = ''] = Object.keys(other);
    if (!['network', 'question'].includes(name)) {
      expect((await decided(approving(when), { [name]: undefined })).decision).toBe('DECLINED');
    }
  });

  it('without a file approves nothing: it authenticates, and declines where the wallet advises against', async () => {
    const { decide } = configuredPolicy(safePolicy);
    expect(await decide({ ...asked, recommendation: 'APPROVED' })).toMatchObject({ decision: 'AUTHENTICATE' });
    expect(await decide({ question: 'PROVISIONING', network: 'VTS' })).toMatchObject({ decision: 'AUTHENTICATE' });
    expect(await decide({ ...asked, recommendation: 'DECLINED' })).toMatchObject({ decision: 'DECLINED', methods: [] });
  });

  it.each([
    ['{', 'is not JSON'],
    ['[]', 'it is not an object'],
    ['{}', 'otherwise is missing'],
    ['{"otherwise":{}}', 'otherwise.decision is missing'],
    ['{"otherwise":{"decision":"MAYBE"}}', 'otherwise.decision is not one of APPROVED, AUTHENTICATE, DECLINED'],
    ['{"otherwise":{"decision":"APPROVED"},"rule":[]}', 'rule is not a field known here'],
    ['{"otherwise":{"decision":"APPROVED"},"rules":[{"decision":"APPROVED"}]}', 'rules[0].when is missing'],
    [rule({ accountRanges: ['5123', '51x'] }), 'rules[0].when.accountRanges[1] is not 4 to 11 digits'],
    [rule({ deviceScoreBelow: 9 }), 'rules[0].when.deviceScoreBelow is not a whole number from 1 to 6'],
    [rule({ device: 'PHONE' }), 'rules[0].when.device is not a field known here'],
    ['{"otherwise":{"decision":"APPROVED"},"methods":[{"method":"PIGEON","value":"x"}]}', 'methods[0].method'],
  ])('of the text %s is refused, and says where it is wrong', (text, said) => {
    expect(() => parsePolicy(text)).toThrow(PolicyError);
    expect(() => parsePolicy(text)).toThrow(said);
  });
});

function rule(when: object): string {
  return JSON.stringify({
    rules: [{ name: 'it', when, decision: 'APPROVED' }],
    otherwise: { decision: 'AUTHENTICATE' },
  });
}
