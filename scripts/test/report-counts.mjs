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

const saidCharactersMax = 600;
/** The beginning of what a test said on one line, without the stack behind it. */
const said = (message) =>
  (message ?? '')
    .split('\n')
    .filter((line) => !/^ +at /.test(line))
    .map((line) => line.trim())
    .join(' ')
    .slice(0, saidCharactersMax);

/** Names of failed tests with the beginning of what they said; a file that could not be loaded by its path. */
export const failedTests = (report) =>
  report.testResults.flatMap((file) => {
    const failed = file.assertionResults.filter((test) => test.status === 'failed');
    const line = (name, message) => `${name}: ${said(message)}`;
    if (failed.length === 0) return file.status === 'failed' ? [line(file.name, file.message)] : [];
    return failed.map((test) => line(`${file.name}: ${test.fullName}`, test.failureMessages?.[0]));
  });

/** Names of the failed tests of cargo test, with the program that they are in. */
export const failedCargoTests = (output) => {
  const failed = [];
  let program = '';
  for (const match of output.matchAll(/^ +(?:Running|Doc-tests) (.+)$|^test (.+) \.\.\. FAILED$/gm)) {
    if (match[1] !== undefined) program = match[1].replace(/ \(.*$/, '');
    else failed.push(`${program}: ${match[2]}`);
  }
  return failed;
};
