import { randomFillSync } from 'node:crypto'
import type { Secrets } from '../core/ports.ts'

/** The system's cryptographic chance. */
export const systemSecrets: Secrets = {
  bytes: length => randomFillSync(new Uint8Array(length)),
}
