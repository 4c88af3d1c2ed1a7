import { BoundedMap } from '../core/bounded-map.ts'
import type { Address } from '../core/address.ts'
import { DHT_LIMITS } from './limits.ts'
import { sourceOf } from './networks.ts'

interface Bucket {
  credit: number
  at: number
  /** Not answered until then. */
  silentUntil: number
}

/** Who may be answered: so many questions of each source, and so many bytes of answers in all. */
export class SourceLimits {
  readonly #sources = new BoundedMap<string, Bucket>({ limit: DHT_LIMITS.sources })
  #bytes: number = DHT_LIMITS.answerBurst
  #bytesAt = Number.NEGATIVE_INFINITY

  /** Counts a question. False where its source asked too much. */
  mayAsk(from: Address, now: number): boolean {
    const key = sourceOf(from)
    const { questionBurst, questionsPerSource, sourceSilence } = DHT_LIMITS
    const bucket = this.#sources.get(key) ?? { credit: questionBurst, at: now, silentUntil: 0 }
    this.#sources.set(key, bucket)
    if (now < bucket.silentUntil) return false
    bucket.credit = Math.min(questionBurst, bucket.credit + ((now - bucket.at) / 1000) * questionsPerSource)
    bucket.at = now
    if (bucket.credit >= 1) {
      bucket.credit--
      return true
    }
    bucket.silentUntil = now + sourceSilence
    return false
  }

  /** Takes the bytes of an answer. False where too many went out of late. */
  mayAnswer(length: number, now: number): boolean {
    const { answerBurst, answerBytes } = DHT_LIMITS
    const passed = Math.max(0, now - this.#bytesAt)
    this.#bytes = Math.min(answerBurst, this.#bytes + (passed / 1000) * answerBytes)
    this.#bytesAt = now
    if (this.#bytes < length) return false
    this.#bytes -= length
    return true
  }
}
