import { METAINFO_LIMITS } from './limits.ts'

/** Files from `first` to `last`, both counted in. */
export interface SelectRange {
  readonly first: number
  readonly last: number
}

/**
 * Reads the `so` parameters of a magnet link (BEP 53): `0,2,4-6`. Ranges that are upside down or no numbers are passed
 * over. Null where nothing is left.
 */
export function parseSelection(values: readonly string[]): SelectRange[] | null {
  const ranges: SelectRange[] = []
  for (const part of values.flatMap(value => value.split(','))) {
    const [, from, to] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part.trim()) ?? []
    if (from === undefined) continue
    const range = { first: Number(from), last: Number(to ?? from) }
    if (range.first <= range.last && ranges.length < METAINFO_LIMITS.selectRanges) ranges.push(range)
  }
  return ranges.length > 0 ? ranges : null
}

export function formatSelection(ranges: readonly SelectRange[]): string {
  return ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(',')
}
