import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder that is gone again at the end of its block. */
export class TemporaryFolder {
  readonly path: string

  constructor(parent: string = tmpdir()) {
    this.path = mkdtempSync(join(parent, 'shoal-test-'))
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }

  /** A path in it. */
  at(...parts: string[]): string {
    return join(this.path, ...parts)
  }
}
