/** The pre-digitization operations MDES calls on an issuer (mastercard-mdes.md 1.1), in the order of a provisioning. */
export const mdesOperations = [
  'getAccountInformation',
  'authorizeService',
  'requestActivationMethods',
  'deliverActivationCode',
  'validateActivationCode',
  'notifyServiceActivated',
  'notifyTokenUpdated',
  'notifySuspiciousEvents',
] as const;

export type MdesOperation = (typeof mdesOperations)[number];
