/** For what a caller waits for. */
export interface WaitOptions {
  /** Ends the waiting: the promise rejects with the signal's reason. What was begun goes on where not said otherwise. */
  readonly signal?: AbortSignal
}
