/** Lengths, rates and times as people read and write them. Units of memory: 1 KiB is 1024 bytes. */

import { UsageError } from './errors.ts'

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']

/** `0 B`, `1.00 KiB`, `12.3 MiB`, `700 GiB`: three digits, which is what an eye compares. */
export function formatLength(bytes: number): string {
  let value = bytes
  let unit = 0
  // 999.5 would be written as the four digits 1000.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? Math.round(value) : threeDigits(value)} ${UNITS[unit]}`
}

/** `12.3 MiB/s`, from bytes a second. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatLength(bytesPerSecond)}/s`
}

/** `43 s`, `3 min 20 s`, `2 h 05 min`, `3 d 04 h`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`
  const hours = Math.floor(minutes / 60)
  return `${Math.floor(hours / 24)} d ${two(hours % 24)} h`
}

/** `43.2 %`. 100 % is said only of what is whole, 0.0 % only of nothing or nearly nothing. */
export function formatShare(part: number, whole: number): string {
  if (part >= whole) return '100 %'
  return `${(Math.floor((part / whole) * 1000) / 10).toFixed(1)} %`
}

/**
 * Reads bytes as people write them: `65536`, `500K`, `2M`, `1.5MiB`, `10 GB`. K, M, G, T and KiB, MiB, … count in
 * 1024s; KB, MB, … in 1000s; upper and lower case are the same. Throws `UsageError` `length-invalid`.
 */
export function parseLength(text: string): number {
  const match = /^(\d{1,15}(?:\.\d{1,9})?) ?(?:([kmgt])(i?b)?|b)?$/i.exec(text.trim())
  if (!match) {
    throw new UsageError(
      'length-invalid',
      `"${text.slice(0, 80)}" is not a number of bytes such as 500K, 2M or 1.5MiB`,
    )
  }
  const power = match[2] === undefined ? 0 : 'kmgt'.indexOf(match[2].toLowerCase()) + 1
  const base = match[3]?.toLowerCase() === 'b' ? 1000 : 1024
  return Math.round(Number(match[1]) * base ** power)
}

/**
 * Reads a rate, as bytes a second: what `parseLength` takes, with or without `/s`. Throws `UsageError`
 * `rate-invalid`; so does 0, which some programs take for "none" and others for "unlimited".
 */
export function parseRate(text: string): number {
  let rate = 0
  try {
    rate = parseLength(text.trim().replace(/\/s$/i, ''))
  } catch {
    // Said below, in the words of rates.
  }
  if (rate > 0) return rate
  throw new UsageError(
    'rate-invalid',
    `"${text.slice(0, 80)}" is not a rate in bytes a second such as 500K, 2M or 1.5MiB (no flag: no limit)`,
  )
}

function threeDigits(value: number): string {
  if (value < 9.995) return value.toFixed(2)
  return value < 99.95 ? value.toFixed(1) : value.toFixed(0)
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
