/** Text in columns: what counts is how many cells of a terminal it takes, not how many characters it has. */

import { createRequire } from 'node:module'
import type * as StringWidth from 'string-width'

/** Made when it is needed: that takes a tenth of the start of a command. */
let segmenter: Intl.Segmenter | null = null
const require = createRequire(import.meta.url)

/** One cell a character: no need to know Unicode. */
const PLAIN = /^[ -~]*$/
let stringWidth: ((text: string) => number) | null = null

/** Cells that `text` takes; colours take none. */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length
  // Loading it takes an eighth of the start of a command, and most have no use for it.
  stringWidth ??= (require('string-width') as typeof StringWidth).default
  return stringWidth(text)
}

/** Cuts plain text (no colours) to `width` cells, with `…` where something is missing. */
export function truncateEnd(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  let kept = ''
  let used = 0
  for (const { segment } of segmentsOf(text)) {
    const cells = textWidth(segment)
    if (used + cells > width - 1) break
    kept += segment
    used += cells
  }
  return width > 0 ? `${kept}…` : ''
}

/** Cuts the middle out of plain text, so that the end of a file's name stays. */
export function truncateMiddle(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  const segments = [...segmentsOf(text)].map(part => part.segment)
  const tail: string[] = []
  let used = 0
  const tailWidth = Math.floor(Math.max(0, width - 1) / 2)
  while (segments.length > 0) {
    const cells = textWidth(segments.at(-1)!)
    if (used + cells > tailWidth) break
    tail.unshift(segments.pop()!)
    used += cells
  }
  return `${truncateEnd(segments.join(''), width - used)}${tail.join('')}`
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)))
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - textWidth(text))) + text
}

/** Lines of `name   value`, the values in one column; a value may have several lines. */
export function alignPairs(
  pairs: readonly (readonly [name: string, value: string | readonly string[]])[],
): string[] {
  const nameWidth = Math.max(0, ...pairs.map(([name]) => textWidth(name)))
  return pairs.flatMap(([name, value]) => {
    const lines = typeof value === 'string' ? [value] : value
    return lines.map((line, index) => `${padEnd(index === 0 ? name : '', nameWidth)}  ${line}`.trimEnd())
  })
}

function segmentsOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter()
  return segmenter.segment(text)
}
