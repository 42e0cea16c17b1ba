/** A completion as the fold publishes it, for tests of what follows from one. */
import type { ProvisioningCompleted } from '../generated/records.js';

/** Of a token in Apple Pay on a Visa card, completed at `at` (epoch ms); ids are the test's. */
export function completionEvent(
  ids: Pick<ProvisioningCompleted, 'eventId' | 'tokenId' | 'factId'> & { readonly publicToken: string },
  at: number,
  fields: Partial<ProvisioningCompleted> = {},
): ProvisioningCompleted {
  const { publicToken, ...own } = ids;
  return {
    ...own,
    version: 3,
    occurredAt: at,
    recordedAt: at,
    factKind: 'DEVICE_PROVISIONED',
    source: 'thredd-ehi',
    actor: 'NETWORK',
    cause: { topic: 'token.facts', partition: 0, offset: 1 },
    network: 'VTS',
    tokenType: 'SECURE_ELEMENT',
    wallet: 'APPLE',
    device: { name: 'Test iPhone', type: 'MOBILE_PHONE' },
    card: { ref: `threddPublicToken:${publicToken}`, last4: '1234' },
    completedAt: at,
    ...fields,
  };
}
