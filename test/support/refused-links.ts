import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/**
 * Refuses second names (hard links) as between two disks, until it is disposed of. `codeOf`: the system's code for the
 * refusal; null where the name may be given.
 */
export class RefusedLinks {
  readonly #linkSync = fs.linkSync

  constructor(codeOf: (from: string, to: string) => string | null) {
    fs.linkSync = (from, to) => {
      const code = codeOf(String(from), String(to))
      if (code) throw Object.assign(new Error(`${code}: link`), { code, syscall: 'link' })
      this.#linkSync(from, to)
    }
    syncBuiltinESMExports()
  }

  [Symbol.dispose](): void {
    fs.linkSync = this.#linkSync
    syncBuiltinESMExports()
  }
}
