/** For tests: folders for state stores, gone after the last test of the file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const disks = mkdtempSync(join(tmpdir(), 'tokenline-state-'));

afterAll(() => rmSync(disks, { recursive: true, force: true }));

/** An empty one. */
export const disk = (): string => mkdtempSync(join(disks, 'disk-'));
