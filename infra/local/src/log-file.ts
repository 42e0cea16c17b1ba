import { appendFileSync, closeSync, mkdirSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const rotateAboveBytes = 10 * 1024 * 1024;
const tailBytes = 16 * 1024;

/** Opens a log for appending; one that grew above 10 MB becomes `<file>.1` first. Rotation happens at starts only. */
export function openLog(file: string, name: string): { readonly descriptor: number; readonly startsAt: number } {
  mkdirSync(dirname(file), { recursive: true });
  if (sizeOf(file) > rotateAboveBytes) renameSync(file, `${file}.1`);
  appendFileSync(file, `--- ${new Date().toISOString()} ${name} starts\n`);
  return { descriptor: openSync(file, 'a'), startsAt: sizeOf(file) };
}

/** The line a log got since `startsAt` that tells most about a failure. */
export function tellingLine(file: string, startsAt: number): string | undefined {
  return mostTelling(readTail(file, startsAt).split('\n'));
}

/** The innermost cause of a stack trace, else the last line that speaks of an error, else the last line. */
export function mostTelling(lines: readonly string[]): string | undefined {
  const said = lines.filter((line) => line.trim() !== '' && !/^\s+(at|\.\.\.) |^--- /.test(line));
  const line =
    said.findLast((candidate) => candidate.startsWith('Caused by: ')) ??
    said.findLast((candidate) => /error|fatal|exception|"s":"F"/i.test(candidate)) ??
    said.at(-1);
  return line === undefined ? undefined : shortened(line.trim());
}

export function shortened(text: string, length = 240): string {
  return text.length <= length ? text : `${text.slice(0, length)} …`;
}

function readTail(file: string, startsAt: number): string {
  const size = sizeOf(file);
  const from = Math.max(startsAt, size - tailBytes);
  if (size <= from) return '';
  const buffer = Buffer.alloc(size - from);
  const descriptor = openSync(file, 'r');
  try {
    return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, buffer.length, from));
  } finally {
    closeSync(descriptor);
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
