/** What happened to a token, as the query door tells it. */
import type { System } from './system.js';

export interface TimelineEntry {
  readonly at: string;
  readonly event: string;
  readonly factKind: string;
  readonly source: string;
  readonly actor: string;
  readonly reasonCode?: string;
  readonly reason?: string;
  readonly changes?: readonly { readonly field: string; readonly from?: string; readonly to?: string }[];
}

/** Oldest first, ignored and late facts included. */
export async function timelineOf(system: System, tokenId: string): Promise<readonly TimelineEntry[]> {
  return (await system.ask<{ items: readonly TimelineEntry[] }>(`/v1/tokens/${tokenId}/timeline`)).items;
}
