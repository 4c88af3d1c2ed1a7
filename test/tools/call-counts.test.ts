import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countCalls } from '../../bench/call-counts.ts'

const TRACE = `
100 5.000000 read(3, ""..., 65536) = 1000
100 10.000000 read(3, ""..., 65536) = 65536
101 10.100000 pwrite64(7, ""..., 4096, 8192 <unfinished ...>
100 10.200000 epoll_pwait(5, [{events=EPOLLIN, data=0x11}], 1024, -1, NULL, 8) = 1
101 10.300000 <... pwrite64 resumed>) = 4096
100 10.400000 recvmsg(3, {msg_name=NULL}, 0) = -1 EAGAIN (Resource temporarily unavailable)
100 10.500000 madvise(0x7f00, 4096, MADV_DONTNEED) = 0
100 10.600000 --- SIGTERM {si_signo=SIGTERM} ---
101 30.000000 write(1, ""..., 5) = 5
`

test('calls of the time are counted, with what went through them', () => {
  assert.deepEqual(countCalls(TRACE, 10, 20), {
    all: 5,
    reads: 2,
    writes: 1,
    waits: 1,
    bytesRead: 65_536,
    bytesWritten: 4096,
  })
})
