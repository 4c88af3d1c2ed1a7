/** The text of the pages that are made from the sources: docs/LIMITS.md and docs/ERRORS.md. */

import type { LimitRow, Unit } from '../src/core/limits.ts'
import type { OptionRow } from '../src/core/options.ts'
import type { ErrorCode } from './error-codes.ts'

const LIMITS_INTRO = `# Limits and options

Every bound that shoal keeps and every default that it starts with, as the code has them. This page is written by
\`npm run docs\` from the \`limits.ts\` and \`options.ts\` of each area; change it there.
`

export function formatLimitsPage(limits: readonly LimitRow[], options: readonly OptionRow[]): string {
  const limitRows = limits.map(({ area, name, value, unit, why }) => [
    area,
    code(name),
    formatValue(value, unit),
    why,
  ])
  const optionRows = options.map(({ area, name, fallback, why }) => [
    area,
    code(name),
    formatDefault(fallback),
    why,
  ])
  return [
    LIMITS_INTRO,
    `## Limits\n\n${formatTable(['Area', 'Limit', 'Value', 'Why'], limitRows)}`,
    `## Options\n\n${formatTable(['Area', 'Option', 'Default', 'What it is for'], optionRows)}`,
  ].join('\n')
}

function formatValue(value: number, unit: Unit): string {
  if (unit === 'bytes') {
    for (const [power, name] of [
      [30, 'GiB'],
      [20, 'MiB'],
      [10, 'KiB'],
    ] as const) {
      if (value >= 2 ** power && value % 2 ** power === 0)
        return `${formatNumber(value / 2 ** power)} ${name}`
    }
  }
  return `${formatNumber(value)} ${unit}`
}

function formatDefault(fallback: unknown): string {
  return typeof fallback === 'number'
    ? formatNumber(fallback)
    : code(JSON.stringify(fallback) ?? String(fallback))
}

function formatNumber(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 10 })
}

const ERRORS_INTRO = `# Errors

Every error that shoal throws on purpose has a \`code\` that does not change from version to version; its message is
for people and may. \`npm run docs\` adds the rows of new codes and drops those of codes that are gone.
`
const ERRORS_HEAD = ['Code', 'Meaning', 'What to do']
const ERROR_ROW = /^\| `([^`]+)` \| (.+) \| (.+) \|$/

export interface ErrorRow {
  readonly code: string
  readonly meaning: string
  readonly cure: string
}

export function parseErrorRows(page: string): ErrorRow[] {
  const rows: ErrorRow[] = []
  for (const line of page.split('\n')) {
    const match = ERROR_ROW.exec(line)
    if (match) rows.push({ code: match[1]!, meaning: match[2]!, cure: match[3]! })
  }
  return rows
}

const CURES: Readonly<Record<string, string>> = {
  FormatError: 'The input is damaged or was made wrong: get it again, or tell whoever made it.',
  ProtocolError: 'Nothing: the connection to that peer or server is given up, and others are tried.',
  TrackerError: 'Nothing at once: the tracker is asked again later. Where it lasts, ask whoever runs it.',
  StorageError: 'See to the disk or the file that the message names, then resume.',
  UsageError: 'Ask for it differently, as the message says.',
}

/** Rows that people have written stay as they are. */
export function formatErrorsPage(codes: readonly ErrorCode[], page: string): string {
  const written = new Map(parseErrorRows(page).map(row => [row.code, row]))
  const rows = codes.map(({ code: name, kind, message }) => {
    const row = written.get(name)
    const meaning = row?.meaning ?? cell(message === '' ? `${name.replaceAll('-', ' ')} (${kind})` : message)
    return [code(name), meaning, row?.cure ?? CURES[kind]!]
  })
  const tableStart = page.indexOf(`| ${ERRORS_HEAD[0]} |`)
  const intro = tableStart < 0 ? `${ERRORS_INTRO}\n` : page.slice(0, tableStart)
  return `${intro}${formatTable(ERRORS_HEAD, rows, text => text)}`
}

/** What is wrong with the page, in words; empty where nothing is. */
export function checkErrorsPage(codes: readonly ErrorCode[], page: string): string[] {
  const rows = parseErrorRows(page).map(row => row.code)
  const known = new Set(codes.map(entry => entry.code))
  return [
    ...[...known].filter(name => !rows.includes(name)).map(name => `no row for ${name}`),
    ...rows.filter(name => !known.has(name)).map(name => `a row for ${name}, which no code has`),
    ...rows.filter((name, at) => rows.indexOf(name) !== at).map(name => `two rows for ${name}`),
  ]
}

function code(text: string): string {
  return `\`${text}\``
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ')
}

function formatTable(head: readonly string[], rows: readonly string[][], escape = cell): string {
  const lines = [head, head.map(() => '---'), ...rows.map(row => row.map(escape))]
  return `${lines.map(cells => `| ${cells.join(' | ')} |`).join('\n')}\n`
}
