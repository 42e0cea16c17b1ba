/**
 * The local outbox: one readable file for each notice, named by its id, so that a repeat replaces it and never doubles it. Written beside and
 * renamed, so that a reader never sees half a message; at once, since a kilobyte is on the disk sooner than the thread pool has been asked. Contact
 * details stand in it masked, and a code does not stand in it at all.
 */
import { randomUUID } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hiddenCode } from '@tokenline/domain';
import { maskContact } from './mask.js';
import { shortName } from './names.js';
import { type Channel, type Delivery, safeReference } from './port.js';

/** Writes to `folder`, made when missing. */
export function createOutbox(folder: string): Channel {
  let ready = false;
  return {
    name: 'outbox',
    reaches: 'local',
    uses: ['email', 'phone', 'webhook', 'push'],
    send: async (delivery, signal) => {
      const name = `${shortName(delivery.noticeId)}.txt`;
      const draft = join(folder, `.${name}.${randomUUID()}`);
      try {
        signal.throwIfAborted();
        if (!ready) {
          await mkdir(folder, { recursive: true, mode: 0o700 });
          await sweep(folder);
          ready = true;
        }
        writeFileSync(draft, letter(delivery), { flag: 'wx', mode: 0o600 });
        renameSync(draft, join(folder, name));
        return { outcome: 'DELIVERED', providerReference: safeReference(name) };
      } catch (error) {
        // The folder may be gone: the next try makes it again.
        ready = false;
        await rm(draft, { force: true }).catch(() => undefined);
        return {
          outcome: 'FAILED',
          reason: `outbox-${(error as NodeJS.ErrnoException).code ?? 'error'}`.toLowerCase(),
        };
      }
    },
    close: async () => undefined,
  };
}

/** Removes drafts a killed process left behind: those older than any send lasts. */
async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/^\..+\.txt\.[0-9a-f-]{36}$/.test(name)) continue;
    const path = join(folder, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > 60_000) await rm(path, { force: true });
  }
}

function letter(delivery: Delivery): string {
  const { subject, body } = delivery.text('plain');
  const lines = [
    `To: ${maskContact(delivery.contact) ?? '(no known contact)'}`,
    `Subject: ${subject}`,
    `Notice: ${delivery.noticeId}`,
    `Idempotency-Key: ${delivery.idempotencyKey}`,
    `Kind: ${delivery.kind}`,
    `Due: ${new Date(delivery.dueAt).toISOString()}`,
    ...(delivery.deadlineAt === undefined ? [] : [`Deadline: ${new Date(delivery.deadlineAt).toISOString()}`]),
  ];
  const hidden =
    delivery.activation === undefined ? '' : `\n${hiddenCode} stands for the code, which is never written to a file.\n`;
  return `${lines.join('\n')}\n\n${body}${hidden}`;
}
