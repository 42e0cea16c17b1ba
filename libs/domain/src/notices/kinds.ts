/** The kinds of notices. */
export const noticeKinds = [
  'PROVISIONING_COMPLETED',
  'ACTIVATION_CODE',
  'TOKEN_SUSPENDED',
  'TOKEN_RESUMED',
  'TOKEN_DELETED',
  'PROVISIONING_UNFINISHED',
  'TOKEN_UNUSED',
] as const;
export type NoticeKind = (typeof noticeKinds)[number];
