import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Address, address } from '../../../src/core/address.ts'
import { openListeners, openListenersFrom } from '../../../src/net/listeners.ts'
import { TcpNetwork } from '../../../src/net/tcp.ts'

const network = new TcpNetwork()
const open = (at: Address) => network.listen(at, socket => socket.destroy())
const place = (host: string, port: number, isOptional = false) => ({
  address: address(host, port),
  isOptional,
})

describe('openListeners', { timeout: 10_000 }, () => {
  it('gives all places with port 0 one port', async () => {
    const listeners = await openListeners(
      [place('127.0.0.1', 0), place('::1', 0), place('127.0.0.2', 0)],
      open,
    )
    const ports = new Set(listeners.all.map(listener => listener.local.port))
    assert.equal(listeners.all.length, 3)
    assert.equal(ports.size, 1)
    assert.ok(!ports.has(0))
    await listeners.close()
  })

  it('listens for IPv6 beside IPv4', async () => {
    const listeners = await openListeners([place('0.0.0.0', 0), place('::', 0)], open)
    assert.deepEqual(
      listeners.all.map(listener => listener.local.family),
      [4, 6],
    )
    await listeners.close()
  })

  it('opens all or none, and says which port is in use', async () => {
    const blocker = await open(address('127.0.0.1', 0))
    const free = await open(address('127.0.0.2', 0))
    await free.close()
    const places = [place('127.0.0.2', free.local.port), place('127.0.0.1', blocker.local.port)]
    await assert.rejects(openListeners(places, open), {
      name: 'UsageError',
      code: 'port-in-use',
      message: new RegExp(`127.0.0.1:${blocker.local.port} is in use`),
    })
    const again = await open(free.local)
    await Promise.all([again.close(), blocker.close()])
  })

  it('tries another port where the chosen one is taken at the next place', async () => {
    const tried: number[] = []
    const listeners = await openListeners([place('127.0.0.1', 0), place('127.0.0.2', 0)], async at => {
      tried.push(at.port)
      if (tried.length === 2)
        await open(address('127.0.0.2', at.port)).then(blocked => leaveOpen.push(blocked))
      return await open(at)
    })
    assert.equal(tried.length, 4)
    assert.equal(listeners.all[0]?.local.port, listeners.all[1]?.local.port)
    await listeners.close()
    for (const listener of leaveOpen) await listener.close()
  })
  const leaveOpen: { close(): Promise<void> }[] = []

  it('leaves out an optional place that is not there, but not the last', async () => {
    const listeners = await openListeners([place('127.0.0.1', 0), place('192.0.2.1', 0, true)], open)
    assert.equal(listeners.all.length, 1)
    await listeners.close()
    const missing = { name: 'UsageError', code: 'address-unavailable' }
    await assert.rejects(openListeners([place('192.0.2.1', 0, true)], open), missing)
    await assert.rejects(openListeners([place('192.0.2.1', 0), place('127.0.0.1', 0)], open), missing)
  })

  it('of nothing is nothing', async () => {
    const listeners = await openListeners([], open)
    assert.deepEqual(listeners.all, [])
    await listeners.close()
  })
})

describe('openListenersFrom', { timeout: 10_000 }, () => {
  it('takes the next port that is free', async () => {
    const blocker = await open(address('127.0.0.1', 0))
    const listeners = await openListenersFrom([place('127.0.0.1', blocker.local.port)], open, 20)
    assert.ok(listeners.all[0]!.local.port > blocker.local.port)
    const none = openListenersFrom([place('127.0.0.1', blocker.local.port)], open, 1)
    await assert.rejects(none, { name: 'UsageError', code: 'port-in-use' })
    await Promise.all([listeners.close(), blocker.close()])
  })
})
