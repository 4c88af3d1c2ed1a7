/** How many pieces are hashed from disk at a time: enough for every worker to be busy. */
const FEW = 4

/** Does the work for each, in order, a few at a time. Rejects with the first fault; then no other is begun. */
export async function fewAtATime<T>(
  items: Iterable<T>,
  work: (item: T) => Promise<void>,
  few: number = FEW,
): Promise<void> {
  const left = items[Symbol.iterator]()
  let hasFailed = false
  const worker = async (): Promise<void> => {
    for (let next = left.next(); !next.done && !hasFailed; next = left.next()) {
      try {
        await work(next.value)
      } catch (error) {
        hasFailed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: few }, worker))
}
