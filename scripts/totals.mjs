import { existsSync, readFileSync } from 'node:fs'

export const none = { passed: 0, failed: 0, skipped: 0 }

export const plus = (a, b) => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
})

/** Counts of one run of vitest. What it calls failed without a failed test (a file that does not load) counts as one. */
export function readTotals(file, exitCode) {
  const lost = { ...none, failed: 1 }
  if (!existsSync(file)) return lost
  const report = JSON.parse(readFileSync(file, 'utf8'))
  const unloadable = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length
  const totals = {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloadable,
    skipped: report.numPendingTests + report.numTodoTests,
  }
  return exitCode !== 0 && totals.failed === 0 ? plus(totals, lost) : totals
}

/** Prints the closing line; says whether all is well. A run of no test is not. */
export function printTotals({ passed, failed, skipped }) {
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`)
  return failed === 0 && passed > 0
}
