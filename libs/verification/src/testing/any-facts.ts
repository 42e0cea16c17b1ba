/** For tests: facts of one token as fast-check likes them, sensible or not. */
import { deadlinePurposeSymbols, factKindSymbols, type TokenFact } from '@tokenline/domain';
import fc from 'fast-check';
import { fact } from './given.js';

const kinds = factKindSymbols.filter((kind) => !['UNKNOWN', 'TOKENS_MERGED', 'FACTS_ABSORBED'].includes(kind));
const parties = ['ISSUER', 'CARDHOLDER', 'TOKEN_REQUESTOR', 'NETWORK'] as const;

const maybe = <T>(of: fc.Arbitrary<T>, freq = 2): fc.Arbitrary<T | undefined> =>
  fc.option(of, { nil: undefined, freq });

const anyFact = (): fc.Arbitrary<TokenFact> =>
  fc
    .record({
      kind: fc.constantFrom(...kinds),
      seconds: fc.integer({ min: 0, max: 12 }),
      network: fc.constantFrom('VTS', 'MDES'),
      decision: maybe(fc.constantFrom('APPROVED', 'AUTHENTICATE', 'DECLINED')),
      reportedStatus: maybe(fc.constantFrom('INACTIVE', 'ACTIVE', 'SUSPENDED', 'DELETED')),
      actor: fc.constantFrom(...parties),
      suspenders: maybe(fc.uniqueArray(fc.constantFrom(...parties), { maxLength: 2 }), 6),
      tokenType: maybe(fc.constantFrom('SECURE_ELEMENT', 'HCE', 'CARD_ON_FILE', 'BROWSER', 'OTHER')),
      wallet: maybe(fc.constantFrom('APPLE', 'GOOGLE')),
      device: maybe(fc.constantFrom({ id: 'd1' }, { id: 'd2', type: 'PC' }, { name: 'Test phone' })),
      bindingId: maybe(fc.constantFrom('1', '2')),
      removedFromWallet: maybe(fc.boolean(), 6),
      purpose: maybe(fc.constantFrom(...deadlinePurposeSymbols)),
      afterSeconds: fc.constantFrom(5, 10),
      activation: maybe(fc.constantFrom({}, { method: 'SMS' })),
    })
    .map(({ kind, seconds, purpose, afterSeconds, ...extra }) => {
      const made = fact(kind, seconds, extra as Partial<TokenFact>);
      if (kind !== 'DEADLINE_PASSED' || purpose === undefined) return made;
      const dueAt = made.occurredAt;
      return { ...made, deadline: { purpose, since: dueAt - afterSeconds * 1_000, dueAt } };
    });

/** One to ten facts; several may have happened at one instant. */
export const anyFacts = (): fc.Arbitrary<TokenFact[]> => fc.array(anyFact(), { minLength: 1, maxLength: 10 });
