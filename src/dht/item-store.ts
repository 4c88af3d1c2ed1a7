import { BoundedMap } from '../core/bounded-map.ts'
import { formatHex } from '../core/bytes.ts'
import { isMutable, type Item } from './item.ts'
import { DHT_LIMITS } from './limits.ts'
import type { NodeId } from './node-id.ts'
import { DHT_DEFAULTS } from './options.ts'

interface Kept {
  readonly item: Item
  readonly expiresAt: number
}

/** The items that others put here (BEP 44). What was put longest ago goes first. */
export class ItemStore {
  readonly #items = new BoundedMap<string, Kept>({ limit: DHT_LIMITS.storedItems })

  get size(): number {
    return this.#items.size
  }

  get(target: NodeId, now: number): Item | null {
    const key = formatHex(target)
    const kept = this.#items.get(key)
    if (!kept) return null
    if (kept.expiresAt > now) return kept.item
    this.#items.delete(key)
    return null
  }

  /** The owner has checked it. False where a newer one, or another of the same number, is there. */
  put(target: NodeId, item: Item, now: number): boolean {
    const there = this.get(target, now)
    if (there && isMutable(there) && isMutable(item)) {
      if (item.sequence < there.sequence) return false
      if (item.sequence === there.sequence && formatHex(item.value) !== formatHex(there.value)) return false
    }
    this.#items.set(formatHex(target), { item, expiresAt: now + DHT_DEFAULTS.itemLifetime })
    return true
  }
}
