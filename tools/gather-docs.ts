/** Gathers from the sources what the written pages show. */

import { globSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { describeLimits, type LimitRow } from '../src/core/limits.ts'
import { describeOptions, type OptionRow } from '../src/core/options.ts'
import type { Source } from './error-codes.ts'
import { bareCode } from './source-text.ts'

export function readSources(): Source[] {
  const paths = globSync('**/*.ts', { cwd: 'src' }).sort()
  return paths.map(path => ({ path: path.replaceAll('\\', '/'), text: readFileSync(`src/${path}`, 'utf8') }))
}

export function gatherLimits(): Promise<LimitRow[]> {
  return gather('limits', describeLimits)
}

export function gatherOptions(): Promise<OptionRow[]> {
  return gather('options', describeOptions)
}

/** The mechanism itself is in core/limits.ts and core/options.ts, which may have a table too. */
async function gather<Row extends { area: string }>(
  name: string,
  describe: (table: object) => readonly Row[] | null,
): Promise<Row[]> {
  const tables = new Set<object>()
  for (const path of globSync(`src/**/${name}.ts`).sort()) {
    const module = (await import(pathToFileURL(path).href)) as Record<string, unknown>
    for (const table of Object.values(module)) {
      if (typeof table === 'object' && table !== null) tables.add(table)
    }
  }
  const rows = [...tables].flatMap(table => describe(table) ?? [])
  return rows.sort((a, b) => (a.area < b.area ? -1 : a.area > b.area ? 1 : 0))
}

/** Tables in files of another name would not be found: `src/a.ts: what to do`. */
export function findStrayTables(sources: readonly Source[]): string[] {
  const problems: string[] = []
  for (const { path, text } of sources) {
    for (const [call, name] of [
      ['defineLimits', 'limits.ts'],
      ['defineOptions', 'options.ts'],
    ] as const) {
      const isStray = new RegExp(`\\b${call}\\(`).test(bareCode(text)) && !path.endsWith(`/${name}`)
      if (isStray) problems.push(`src/${path}: calls ${call}; the docs find such tables only in a ${name}`)
    }
  }
  return problems
}
