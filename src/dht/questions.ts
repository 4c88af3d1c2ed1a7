import { type Address, formatAddress } from '../core/address.ts'
import { formatHex } from '../core/bytes.ts'
import { Deadlines } from '../core/deadlines.ts'
import type { Secrets } from '../core/ports.ts'
import type { KrpcMessage } from './krpc.ts'
import { DHT_LIMITS } from './limits.ts'
import { DHT_DEFAULTS } from './options.ts'

export type Response = Extract<KrpcMessage, { type: 'response' }>

/** What becomes of a question. `silent` and an answer come once, one of them; `slow` may come before. */
export interface Asker {
  answered(response: Response, now: number): void
  /** No answer, or an error: `code` of that. */
  silent(now: number, code?: number): void
  slow?(now: number): void
}

interface Question {
  readonly key: string
  readonly to: string
  readonly asker: Asker
  readonly givesUpAt: number
  isSlow: boolean
}

/** What we asked and is not answered yet. An answer counts only from where the question went, and with its transaction. */
export class Questions {
  readonly #secrets: Secrets
  /** By transaction id in hex. Bounded by `questionsUnderWay`. */
  readonly #open = new Map<string, Question>()
  readonly #deadlines = new Deadlines<Question>()

  constructor(secrets: Secrets) {
    this.#secrets = secrets
  }

  get isFull(): boolean {
    return this.#open.size >= DHT_LIMITS.questionsUnderWay
  }

  /** The transaction id to send: 4 bytes. Null where too much is under way. */
  open(to: Address, asker: Asker, now: number): Uint8Array | null {
    if (this.isFull) return null
    let transaction = this.#secrets.bytes(4)
    while (this.#open.has(formatHex(transaction))) transaction = this.#secrets.bytes(4)
    const key = formatHex(transaction)
    const givesUpAt = now + DHT_DEFAULTS.answerTimeout
    const question = { key, to: formatAddress(to), asker, givesUpAt, isSlow: false }
    this.#open.set(key, question)
    this.#deadlines.set(question, now + DHT_DEFAULTS.slowAfter)
    return transaction
  }

  /** False for what answers nothing that was asked there. */
  received(
    message: Extract<KrpcMessage, { type: 'response' | 'error' }>,
    from: Address,
    now: number,
  ): boolean {
    const question = this.#open.get(formatHex(message.transaction))
    if (!question || question.to !== formatAddress(from)) return false
    this.#close(question)
    if (message.type === 'response') question.asker.answered(message, now)
    else question.asker.silent(now, message.code)
    return true
  }

  tick(now: number): void {
    for (let due = this.#deadlines.take(now); due !== null; due = this.#deadlines.take(now)) {
      if (now < due.givesUpAt) {
        due.isSlow = true
        this.#deadlines.set(due, due.givesUpAt)
        due.asker.slow?.(now)
      } else {
        this.#close(due)
        due.asker.silent(now)
      }
    }
  }

  deadline(): number {
    return this.#deadlines.next()
  }

  #close(question: Question): void {
    this.#open.delete(question.key)
    this.#deadlines.delete(question)
  }
}
