/**
 * A protocol with its I/O removed: feed it input and time, then drain it.
 *
 * 1. `receive` and `tick` only change state and queue output; they never call out.
 * 2. The owner drains after every call, before the next one. `drain` stops when `sink.room()` is 0 and goes on
 *    at the next.
 * 3. `deadline()` says when `tick` is next useful; an early `tick` is a no-op.
 * 4. A throw closes the machine; one last `drain` still yields its farewell bytes.
 */
export interface Machine<Input, Output, Event> {
  receive(input: Input, now: number): void
  tick(now: number): void
  /** Monotonic milliseconds; Infinity when idle. */
  deadline(): number
  drain(sink: Sink<Output, Event>, now: number): void
}

/** Where a machine's output and events go. */
export interface Sink<Output, Event> {
  /** How much output is welcome now, in bytes. */
  room(): number
  send(output: Output): void
  emit(event: Event): void
}
