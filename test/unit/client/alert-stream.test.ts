import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { describe, it } from 'node:test'
import { AlertStream } from '../../../src/client/alert-stream.ts'
import type { Alert } from '../../../src/client/alerts.ts'
import { CLIENT_LIMITS } from '../../../src/client/limits.ts'
import type { TorrentId } from '../../../src/core/ids.ts'

const torrent = 'a torrent' as TorrentId

function verified(piece: number): Alert {
  return { type: 'piece-verified', torrent, piece }
}

function pieceOf(result: IteratorResult<Alert>): number | 'done' | 'another' {
  if (result.done) return 'done'
  return result.value.type === 'piece-verified' ? result.value.piece : 'another'
}

describe('listeners', () => {
  it('hear alerts of their type until they are taken away', () => {
    const stream = new AlertStream()
    const heard: number[] = []
    const end = stream.on('piece-verified', alert => heard.push(alert.piece))
    stream.emit(verified(1))
    stream.emit({ type: 'completed', torrent })
    end()
    end()
    stream.emit(verified(2))
    assert.deepEqual(heard, [1])
  })

  it('that throw keep nothing from the others, and are not silenced', t => {
    const thrown: (() => void)[] = []
    t.mock.method(globalThis, 'queueMicrotask', (task: () => void) => thrown.push(task))
    const stream = new AlertStream()
    const heard: string[] = []
    stream.on('completed', () => {
      throw new Error('a listener')
    })
    stream.on('completed', alert => heard.push(alert.type))
    stream.emit({ type: 'completed', torrent })
    assert.deepEqual(heard, ['completed'])
    assert.equal(thrown.length, 1)
    assert.throws(thrown[0]!, /a listener/)
  })
})

describe('readers', () => {
  it('get every alert from when they began, in order', async () => {
    const stream = new AlertStream()
    stream.emit(verified(0))
    const reader = stream.read()
    for (const piece of [1, 2, 3]) stream.emit(verified(piece))
    stream.close()
    const pieces: number[] = []
    for await (const alert of reader) if (alert.type === 'piece-verified') pieces.push(alert.piece)
    assert.deepEqual(pieces, [1, 2, 3])
  })

  it('wait for what is still to come, also several at a time', async () => {
    const stream = new AlertStream()
    const reader = stream.read()
    const calls = [reader.next(), reader.next(), reader.next()]
    stream.emit(verified(1))
    stream.emit(verified(2))
    stream.close()
    assert.deepEqual((await Promise.all(calls)).map(pieceOf), [1, 2, 'done'])
    assert.equal(pieceOf(await reader.next()), 'done')
  })

  it('do not take alerts from one another', async () => {
    const stream = new AlertStream()
    const readers = [stream.read(), stream.read()]
    stream.emit(verified(1))
    for (const reader of readers) assert.equal(pieceOf(await reader.next()), 1)
  })

  it('that fall behind lose the oldest', async () => {
    const stream = new AlertStream()
    const reader = stream.read()
    for (let piece = 0; piece < CLIENT_LIMITS.alertBacklog + 5; piece++) stream.emit(verified(piece))
    assert.equal(pieceOf(await reader.next()), 5)
  })

  it('end when their signal aborts, and leave nothing behind on it', async () => {
    const stream = new AlertStream()
    const aborter = new AbortController()
    const reader = stream.read({ signal: aborter.signal })
    const next = reader.next()
    aborter.abort()
    stream.emit(verified(1))
    assert.equal(pieceOf(await next), 'done')
    assert.equal(pieceOf(await stream.read({ signal: aborter.signal }).next()), 'done')
    const other = new AbortController()
    await stream.read({ signal: other.signal }).return?.()
    assert.equal(getEventListeners(other.signal, 'abort').length, 0)
  })

  it('end when the loop that reads is left', async () => {
    const stream = new AlertStream()
    const reader = stream.read()
    for (const piece of [1, 2]) stream.emit(verified(piece))
    for await (const alert of reader) {
      assert.equal(alert.type, 'piece-verified')
      break
    }
    stream.emit(verified(3))
    assert.equal(pieceOf(await reader.next()), 'done')
  })

  it('of a closed stream end at once', async () => {
    const stream = new AlertStream()
    stream.close()
    assert.equal(pieceOf(await stream.read().next()), 'done')
  })
})
