#!/usr/bin/env node
// Adds up the result files of a test run and prints the closing line; ends with 1 when anything failed.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.argv[2] ?? '.'
const files = readdirSync(folder)
const total = { passed: 0, failed: 0, skipped: 0 }
for (const file of files.filter((name) => name.endsWith('.json'))) {
  const result = JSON.parse(readFileSync(join(folder, file), 'utf8'))
  total.passed += result.numPassedTests
  total.failed += result.numFailedTests
  total.skipped += result.numPendingTests + result.numTodoTests
}
const failedSuites = files
  .filter((name) => name.endsWith('.failed'))
  .map((name) => name.replace('.failed', ''))
// A suite that failed without a failed test (a crash, a type error, a file that does not load) counts as one.
if (failedSuites.length > 0 && total.failed === 0) total.failed = failedSuites.length
console.log(failedSuites.length > 0 ? `\nfailed: ${failedSuites.join(', ')}` : '')
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
// The static checks alone count nothing.
const isEmpty = files.some((name) => name.endsWith('.json')) && total.passed === 0
process.exitCode = total.failed > 0 || isEmpty ? 1 : 0
