import { describe, expect, it } from 'vitest';
import { countOf, lineOf, sum } from './count.js';

const test = (status: string, fullName = 'a test'): { status: string; fullName: string } => ({ status, fullName });
const file = (
  status: string,
  ...assertionResults: { status: string; fullName: string; failureMessages?: string[] }[]
) => ({
  name: 'a.unit.test.ts',
  status,
  assertionResults,
});

describe('counting test results', () => {
  it('counts passed, failed and skipped tests over all files', () => {
    const report = {
      testResults: [
        file('passed', test('passed'), test('pending')),
        file('failed', test('failed', 'b breaks'), test('passed')),
      ],
    };
    const count = countOf('unit', report, false);
    expect(lineOf(count)).toBe('2 passed, 1 failed, 1 skipped');
    expect(count.problems).toEqual(['unit: b breaks']);
  });

  it('never ends green when the run left no results, found no tests, broke off, or a file could not be loaded', () => {
    expect(countOf('unit', undefined, true).failed).toBe(1);
    expect(countOf('unit', { testResults: [] }, true).failed).toBe(1);
    expect(countOf('unit', { testResults: [file('passed', test('passed'))] }, false).failed).toBe(1);
    expect(countOf('unit', { testResults: [file('passed', test('passed')), file('failed')] }, false).failed).toBe(1);
    expect(countOf('unit', { testResults: [file('passed', test('skipped'))] }, true).failed).toBe(1);
  });

  it('tells the beginning of what a test failed with, without the stack', () => {
    const failureMessages = ['Error: expected 1\nto be 2\n    at file.ts:1:2\n    at file.ts:3:4'];
    const { problems } = countOf(
      'unit',
      { testResults: [file('failed', { ...test('failed'), failureMessages })] },
      false,
    );
    expect(problems).toEqual(['unit: a test\n      Error: expected 1\n      to be 2']);
  });

  it('says nothing of skipped tests when there are none', () => {
    const one = countOf('unit', { testResults: [file('passed', test('passed'))] }, true);
    expect(lineOf(sum([one, one]))).toBe('2 passed, 0 failed');
  });
});
