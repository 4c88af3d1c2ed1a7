/** Writes docs/LIMITS.md and brings docs/ERRORS.md up to date: `npm run docs`. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { formatErrorsPage, formatLimitsPage } from './docs-pages.ts'
import { findErrorCodes } from './error-codes.ts'
import { gatherLimits, gatherOptions, readSources } from './gather-docs.ts'

const { codes, problems } = findErrorCodes(readSources())
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1

const errors = existsSync('docs/ERRORS.md') ? readFileSync('docs/ERRORS.md', 'utf8') : ''
writeFileSync('docs/ERRORS.md', formatErrorsPage(codes, errors))
writeFileSync('docs/LIMITS.md', formatLimitsPage(await gatherLimits(), await gatherOptions()))
