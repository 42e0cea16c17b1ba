import { stripVTControlCharacters } from 'node:util';
import { shortened } from './log-file.js';
import type { SpawnSpec } from './managed-process.js';
import type { Spawner } from './process-group.js';

export interface ToolRun {
  readonly ok: boolean;
  /** Why it failed, in the tool's own words. */
  readonly reason: string;
}

/** Runs a command to its end as a member of the group, so that it can't outlive us either. */
export async function runTool(processes: Spawner, spec: Omit<SpawnSpec, 'onLine' | 'onExit'>): Promise<ToolRun> {
  const lines: string[] = [];
  const tool = processes.spawn(
    spec.logFile === undefined ? { ...spec, onLine: (line) => lines.push(stripVTControlCharacters(line)) } : spec,
  );
  const { code, signal } = await tool.exited;
  const said = spec.logFile === undefined ? firstComplaint(lines) : tool.lastWords();
  return { ok: code === 0, reason: said ?? `it ended with ${signal ?? `code ${code}`}` };
}

/** Tools put the cause first and advice after it. */
function firstComplaint(lines: readonly string[]): string | undefined {
  const said = lines.filter((line) => line.trim() !== '');
  const line = said.find((candidate) => /\berror\b/i.test(candidate)) ?? said.at(-1);
  return line === undefined ? undefined : shortened(line.trim());
}
