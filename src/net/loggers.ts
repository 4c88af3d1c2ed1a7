import type { Logger, LogLevel } from '../core/ports.ts'
import { printable } from '../core/printable.ts'

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** Tells nobody. */
export const nullLogger: Logger = { log() {} }

/**
 * Writes lines for people, by default to stderr: `2026-01-31T12:00:00.000Z warn  message key=value`. What strangers
 * sent stays on its line: what would act on a terminal is written as escapes.
 */
export class LineLogger implements Logger {
  readonly #write: (line: string) => void
  readonly #from: number

  constructor(options: { level?: LogLevel; write?: (line: string) => void } = {}) {
    this.#from = LEVELS.indexOf(options.level ?? 'info')
    this.#write = options.write ?? (line => process.stderr.write(line))
  }

  log(level: LogLevel, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    if (LEVELS.indexOf(level) < this.#from) return
    const parts = [new Date().toISOString(), level.padEnd(5), printable(message)]
    for (const [key, value] of Object.entries(fields)) parts.push(`${key}=${fieldText(value)}`)
    this.#write(`${parts.join(' ')}\n`)
  }
}

function fieldText(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(printable(value.message))
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  return /^[\w.:/[\]-]+$/.test(text) ? text : JSON.stringify(printable(text))
}
