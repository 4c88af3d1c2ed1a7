/**
 * The mechanism behind every `limits.ts`: a bound is a named number with its unit and its reason, and the
 * tables together are docs/LIMITS.md.
 */

export type Unit = 'bytes' | 'ms' | 'seconds' | 'entries' | 'levels' | 'per second' | 'times'

/** One bound as the docs show it. */
export interface LimitRow {
  readonly area: string
  readonly name: string
  readonly value: number
  readonly unit: Unit
  readonly why: string
}

type Definitions = Readonly<Record<string, readonly [value: number, unit: Unit, why: string]>>
export type Limits<D> = { readonly [K in keyof D]: number }

const rowsOf = new WeakMap<object, readonly LimitRow[]>()

/**
 * Makes the limits of one area: `{ depth: [100, 'levels', 'why'] }` becomes `{ depth: 100 }`, and keeps the
 * rest for the docs.
 */
export function defineLimits<const D extends Definitions>(area: string, definitions: D): Limits<D> {
  const values: Record<string, number> = {}
  const rows: LimitRow[] = []
  for (const [name, [value, unit, why]] of Object.entries(definitions)) {
    values[name] = value
    rows.push({ area, name, value, unit, why })
  }
  const table = Object.freeze(values) as Limits<D>
  rowsOf.set(table, rows)
  return table
}

/** The rows of a table made by `defineLimits`; null for anything else. */
export function describeLimits(table: object): readonly LimitRow[] | null {
  return rowsOf.get(table) ?? null
}
