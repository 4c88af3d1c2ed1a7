/** The mechanism behind every `options.ts`: an option is a name, a default and what it is for. */

/** One option as the docs show it. */
export interface OptionRow {
  readonly area: string
  readonly name: string
  readonly fallback: unknown
  readonly why: string
}

type Definitions = Readonly<Record<string, readonly [fallback: unknown, why: string]>>
export type Options<D extends Definitions> = { readonly [K in keyof D]: Widen<D[K][0]> }
type Widen<T> = T extends number ? number : T extends boolean ? boolean : T extends string ? string : T

const rowsOf = new WeakMap<object, readonly OptionRow[]>()

/** Makes the defaults of one area's options, and keeps their reasons for the docs. */
export function defineOptions<const D extends Definitions>(area: string, definitions: D): Options<D> {
  const values: Record<string, unknown> = {}
  const rows: OptionRow[] = []
  for (const [name, [fallback, why]] of Object.entries(definitions)) {
    values[name] = fallback
    rows.push({ area, name, fallback, why })
  }
  const table = Object.freeze(values) as Options<D>
  rowsOf.set(table, rows)
  return table
}

/** The rows of a table made by `defineOptions`; null for anything else. */
export function describeOptions(table: object): readonly OptionRow[] | null {
  return rowsOf.get(table) ?? null
}
