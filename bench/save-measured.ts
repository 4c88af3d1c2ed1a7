import { writeFileSync } from 'node:fs'

/** Writes what was measured as JSON, with the time; nothing where no file was asked for. */
export function saveMeasured(file: string | null, measured: Readonly<Record<string, unknown>>): void {
  if (file === null) return
  writeFileSync(file, `${JSON.stringify({ date: new Date().toISOString(), ...measured }, null, 2)}\n`)
}
