/** A promise that is settled from outside. */
export type Waiter = PromiseWithResolvers<void>

/** One that may be rejected although nobody waits for it. */
export function quietWaiter(): Waiter {
  const waiter = Promise.withResolvers<void>()
  waiter.promise.catch(() => undefined)
  return waiter
}
