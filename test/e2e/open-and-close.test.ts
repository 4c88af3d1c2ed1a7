/** Real things are opened and closed as a whole, also where a signal aborts. */

import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { openProbedSession, openSession } from '../../src/client/node.ts'
import { address } from '../../src/core/address.ts'
import { TcpNetwork } from '../../src/net/tcp.ts'
import { UdpNetwork } from '../../src/net/udp.ts'
import { startTracker } from '../../src/tracker-server/start-tracker.ts'

const LOOPBACK = { address: '127.0.0.1', port: 0 }
const enough = new Error('enough')
const isEnough = (error: unknown): boolean => error === enough

describe('a signal', () => {
  it('that has aborted opens nothing', async () => {
    const signal = AbortSignal.abort(enough)
    await assert.rejects(openSession({ listen: [LOOPBACK], signal }), isEnough)
    await assert.rejects(startTracker({ bind: ['127.0.0.1'], httpPort: 0, signal }), isEnough)
  })

  it('that aborts while a session opens leaves its port free', async () => {
    await using first = await openSession({ listen: [LOOPBACK] })
    const { port } = first.listening[0]!
    await first.close()
    const controller = new AbortController()
    const opening = openSession({ listen: [{ address: '127.0.0.1', port }], signal: controller.signal })
    controller.abort(enough)
    await assert.rejects(opening, isEnough)
    await using second = await openSession({ listen: [{ address: '127.0.0.1', port }] })
    assert.equal(second.listening[0]!.port, port)
  })

  it('that aborts while a tracker starts leaves its port free', async () => {
    const first = await startTracker({ bind: ['127.0.0.1'], httpPort: 0 })
    const { port } = first.address
    await first.close()
    const controller = new AbortController()
    const opening = startTracker({ bind: ['127.0.0.1'], httpPort: port, signal: controller.signal })
    controller.abort(enough)
    await assert.rejects(opening, isEnough)
    await using second = await startTracker({ bind: ['127.0.0.1'], httpPort: port })
    assert.equal(second.address.port, port)
  })

  it('ends the waiting for a close that goes on', async () => {
    const tracker = await startTracker({ bind: ['127.0.0.1'], httpPort: 0 })
    await assert.rejects(tracker.close({ signal: AbortSignal.abort(enough) }), isEnough)
    await tracker.close()
    const session = await openSession({ listen: [LOOPBACK] })
    await assert.rejects(session.close({ signal: AbortSignal.abort(enough) }), isEnough)
    await session.close()
    await assert.rejects(session.listen(address('127.0.0.1', 0)), { code: 'session-closed' })
  })

  it('leaves no listener where it aborts while one opens', async () => {
    await using session = await openSession({ listen: [] })
    const controller = new AbortController()
    const opening = session.listen(address('127.0.0.1', 0), { signal: controller.signal })
    controller.abort(enough)
    await assert.rejects(opening, isEnough)
    assert.deepEqual(session.listening, [])
  })
})

describe('a listener of a session', () => {
  it('has UDP on the number that it has TCP on, and no session shares either', async () => {
    await using session = await openSession({ listen: [LOOPBACK] })
    const at = session.listening[0]!
    await assert.rejects(
      new UdpNetwork().bind(at, () => undefined),
      { code: 'port-in-use' },
    )
    await assert.rejects(
      new TcpNetwork().listen(at, () => undefined),
      { code: 'port-in-use' },
    )
    await session.close()
    const datagrams = await new UdpNetwork().bind(at, () => undefined)
    await assert.rejects(openSession({ listen: [{ address: at.host, port: at.port }] }), {
      code: 'port-in-use',
    })
    await datagrams.close()
  })

  it('closes with its block', async () => {
    await using session = await openSession({ listen: [] })
    let port = 0
    {
      await using listener = await session.listen(address('127.0.0.1', 0))
      port = listener.local.port
      assert.equal(session.listening.length, 1)
    }
    assert.deepEqual(session.listening, [])
    const refused = Promise.withResolvers<unknown>()
    connect(port, '127.0.0.1').on('error', refused.resolve).on('connect', refused.resolve)
    assert.equal(((await refused.promise) as NodeJS.ErrnoException | undefined)?.code, 'ECONNREFUSED')
  })
})

describe('a session that is measured', () => {
  it('tells of its turns, which end before the next begins', async () => {
    const steps: string[] = []
    const probe = { begin: () => steps.push('begin'), end: () => steps.push('end') }
    await using session = await openProbedSession({ listen: [LOOPBACK] }, probe)
    await session.close()
    assert.ok(steps.length > 0)
    assert.deepEqual(
      steps,
      steps.map((_, index) => (index % 2 === 0 ? 'begin' : 'end')),
    )
  })
})
