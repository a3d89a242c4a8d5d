// Reads how many tests passed, failed and were skipped out of what the test tools print.

export const nothing = { passed: 0, failed: 0, skipped: 0 };

export const add = (left, right) => ({
  passed: left.passed + right.passed,
  failed: left.failed + right.failed,
  skipped: left.skipped + right.skipped,
});

/** Sums the `test result:` lines of cargo test, one for each test program. */
export const countCargo = (output) => {
  let counts = nothing;
  for (const match of output.matchAll(/^test result: .*? (\d+) passed; (\d+) failed; (\d+) ignored/gm)) {
    counts = add(counts, { passed: Number(match[1]), failed: Number(match[2]), skipped: Number(match[3]) });
  }
  return counts;
};

/** Counts of a Vitest JSON report. A file that could not be loaded has no tests and counts as one failure. */
export const countVitest = (report) => {
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + (report.numTodoTests ?? 0),
  };
};

/** Names of skipped tests: a skip is shown, never silent. */
export const skippedTests = (report) =>
  report.testResults.flatMap((file) =>
    file.assertionResults.filter((test) => !['passed', 'failed'].includes(test.status)).map((test) => test.fullName),
  );
