import type { Page, TimelineEntry } from '../answers.js';
import { openDoor } from '../door.js';
import { findToken } from '../find-token.js';
import { type Io, printJson } from '../io.js';
import { shortTime, table } from '../table.js';

/** Prints what happened to a token, oldest first, set-aside and late facts included. */
export async function timeline(io: Io, name: string, json: boolean): Promise<void> {
  const door = openDoor('query', io.env);
  const { tokenId } = await findToken(door, name);
  const page = await door.json<Page<TimelineEntry>>(`/v1/tokens/${tokenId}/timeline`);
  if (json) return printJson(io, page);
  io.out(
    table(
      ['happened (UTC)', 'by', 'fact', 'event', 'what followed'],
      page.items.map((entry) => [
        entry.at.replace('T', ' ').replace('Z', ''),
        entry.actor,
        entry.factKind,
        entry.event,
        followed(entry),
      ]),
    ),
  );
}

/** `status INACTIVE → ACTIVE, …`, which deadline was missed, or why the fact was set aside. */
function followed(entry: TimelineEntry): string {
  const said = [
    entry.late === true ? 'late' : undefined,
    entry.reason === undefined ? undefined : `${entry.reason}: ${entry.explanation ?? ''}`,
    entry.deadline === undefined ? undefined : missed(entry.deadline),
    ...(entry.changes ?? []).filter(isTelling).map(changed),
  ];
  return said.filter((part) => part !== undefined).join(', ');
}

/** `TOKEN_UNUSED since 2026-11-01 12:00:00` */
function missed({ purpose, since }: NonNullable<TimelineEntry['deadline']>): string {
  return `${purpose} since ${shortTime(since)}`;
}

function changed({ field, from, to }: { field: string; from?: string; to?: string }): string {
  const name = field.replace('provisioning.', '');
  return from === undefined ? `${name} ${to}` : `${name} ${from} → ${to ?? 'none'}`;
}

/** Everything about a new token changes from nothing; these are what a person looks for. */
function isTelling({ field }: { field: string }): boolean {
  return [
    'status',
    'suspendedBy',
    'provisioning.outcome',
    'provisioning.path',
    'provisioning.onDeviceAt',
    'bindings',
    'removedFromWalletAt',
    'mergedInto',
    'tokenExpiry',
    'firstUsedAt',
  ].includes(field);
}
