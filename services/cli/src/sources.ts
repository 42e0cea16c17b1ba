/** Sources the ingest door has an inbound path for, by the name `publish` knows them by. */
export const sources = {
  'thredd-ehi': '/v1/inbound/thredd/ehi',
  facts: '/v1/facts',
} as const;

export type Source = keyof typeof sources;
