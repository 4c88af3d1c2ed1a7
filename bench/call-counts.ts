/** System calls of one process, all threads, and the bytes that went through them. */
export interface CallCounts {
  readonly all: number
  readonly reads: number
  readonly writes: number
  /** For events, and for other threads. */
  readonly waits: number
  readonly bytesRead: number
  readonly bytesWritten: number
}

const READS = new Set(['read', 'pread64', 'readv', 'preadv', 'preadv2', 'recvfrom', 'recvmsg'])
const WRITES = new Set([
  'write',
  'pwrite64',
  'writev',
  'pwritev',
  'pwritev2',
  'sendto',
  'sendmsg',
  'sendfile',
])
const WAITS = new Set(['futex', 'epoll_wait', 'epoll_pwait', 'epoll_pwait2', 'poll', 'ppoll', 'select'])

/** The thread, seconds since 1970, the call, and what else the line has. */
const LINE = /^\d+\s+(\d+\.\d+) (?:<\.\.\. )?(\w+)(?: resumed>|\()(.*)$/
const UNFINISHED = '<unfinished ...>'

/**
 * Reads what `strace -f -ttt` wrote, from one time to another (seconds since 1970). A call that other threads'
 * lines interrupt has two lines: the second, with its result, counts.
 */
export function countCalls(trace: string, from: number, to: number): CallCounts {
  const counts = { all: 0, reads: 0, writes: 0, waits: 0, bytesRead: 0, bytesWritten: 0 }
  for (const line of trace.split('\n')) {
    const [, time, call = '', rest = ''] = LINE.exec(line) ?? []
    const at = Number(time)
    if (!(at >= from && at <= to) || rest.endsWith(UNFINISHED)) continue
    const bytes = Math.max(0, Number(/ = (-?\d+)[^=]*$/.exec(rest)?.[1] ?? 0))
    counts.all++
    if (WAITS.has(call)) counts.waits++
    else if (READS.has(call)) {
      counts.reads++
      counts.bytesRead += bytes
    } else if (WRITES.has(call)) {
      counts.writes++
      counts.bytesWritten += bytes
    }
  }
  return counts
}
