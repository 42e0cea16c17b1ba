import { describe, expect, it } from 'vitest';
import { loadPackages, nameOf, parsePackages, pinsDigest } from './packages.js';

const pins = {
  title: 'Thing',
  version: '1.0',
  from: 'PyPI',
  megabytes: 1,
  coordinates: ['thing==1.0'],
  files: { 'thing.whl': 'a'.repeat(64) },
} as const;

const asJson = (registry: unknown) => JSON.stringify({ kafka: pins, registry, mongodb: pins });

describe('the checked-in pins', () => {
  it('hold a SHA-256 for every file of the three servers', () => {
    const packages = loadPackages();
    expect(nameOf(packages.kafka)).toBe('Kafka 4.1.1');
    // 45 jars of Kafka, and the one that lets it write to log4j.
    expect(Object.keys(packages.kafka.files)).toHaveLength(46);
    expect(Object.keys(packages.registry.files)).toEqual(['apicurio-registry-app-3.0.9-all.tar.gz']);
    expect(Object.keys(packages.mongodb.files)).toHaveLength(1);
  });
});

describe('parsing pins', () => {
  it('takes complete entries', () => {
    expect(parsePackages(asJson(pins)).registry).toEqual(pins);
  });

  it.each([
    ['a missing entry', undefined, 'registry is missing'],
    ['no version', { ...pins, version: '' }, 'registry has no version'],
    ['an unknown origin', { ...pins, from: 'somewhere' }, 'neither Maven Central nor PyPI'],
    ['no files', { ...pins, files: {} }, 'registry pins no file'],
    ['a shortened hash', { ...pins, files: { 'a.jar': 'abc' } }, 'a.jar to something that is no SHA-256'],
    ['a file outside the folder', { ...pins, files: { '../a.jar': 'a'.repeat(64) } }, 'registry pins ../a.jar'],
  ])('refuses %s', (_case, entry, sentence) => {
    expect(() => parsePackages(asJson(entry))).toThrow(sentence);
  });

  it('gives a bumped pin another digest', () => {
    const bumped = { ...pins, files: { 'thing.whl': 'b'.repeat(64) } };
    expect(pinsDigest(bumped)).not.toBe(pinsDigest(pins));
    expect(pinsDigest({ ...pins })).toBe(pinsDigest(pins));
  });
});
