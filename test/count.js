/** Counting test results: what a vitest JSON report comes to, and how a count is said. */

/**
 * @typedef {{ name: string, passed: number, failed: number, skipped: number, problems: string[] }} Count
 * @typedef {{ testResults: { name: string, status: string, message?: string, assertionResults: { status: string, fullName: string, failureMessages?: string[] }[] }[] }} Report
 */

/**
 * The count of one suite. A file that could not be loaded, a run that broke off, and a suite without a single test count as one failure each:
 * nothing that went wrong may end as a green line.
 * @param {string} name
 * @param {Report | undefined} report undefined when the run left none
 * @param {boolean} exitedWell whether the runner itself ended with code 0
 * @returns {Count}
 */
export function countOf(name, report, exitedWell) {
  const count = { name, passed: 0, failed: 0, skipped: 0, problems: /** @type {string[]} */ ([]) };
  const fail = (/** @type {string} */ problem) => {
    count.failed += 1;
    count.problems.push(problem);
  };
  if (report === undefined) {
    fail(`${name}: the run left no results`);
    return count;
  }
  for (const file of report.testResults) {
    const failedBefore = count.failed;
    for (const test of file.assertionResults) {
      if (test.status === 'passed') count.passed += 1;
      else if (test.status === 'failed')
        fail([`${name}: ${test.fullName}`, ...reasonOf(test.failureMessages)].join('\n'));
      else count.skipped += 1;
    }
    if (file.status === 'failed' && count.failed === failedBefore) fail(`${name}: ${file.name} could not be run`);
  }
  if (count.passed + count.failed === 0) fail(`${name}: no tests were found`);
  if (!exitedWell && count.failed === 0) fail(`${name}: the run ended with an error outside any test`);
  return count;
}

/**
 * The beginning of what a test failed with, without the stack: who sees only the end of a long output sees why.
 * @param {readonly string[] | undefined} messages
 */
function reasonOf(messages = []) {
  const lines = messages.flatMap((message) => message.split(/\n\s+at /)[0]?.split('\n') ?? []);
  return lines.slice(0, 12).map((line) => `      ${line.slice(0, 240)}`);
}

/** @param {readonly Count[]} counts @returns {Count} */
export function sum(counts) {
  return counts.reduce(
    (all, one) => ({
      name: 'all',
      passed: all.passed + one.passed,
      failed: all.failed + one.failed,
      skipped: all.skipped + one.skipped,
      problems: [...all.problems, ...one.problems],
    }),
    { name: 'all', passed: 0, failed: 0, skipped: 0, problems: [] },
  );
}

/** `N passed, N failed`, and `, N skipped` only when some were. @param {Count} count */
export function lineOf(count) {
  const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
  return `${count.passed} passed, ${count.failed} failed${skipped}`;
}
