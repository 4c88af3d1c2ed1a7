import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Idle, IdleTorrents } from '../../../src/client/idle-torrents.ts'
import { CLIENT_LIMITS } from '../../../src/client/limits.ts'

class Torrent implements Idle {
  hurried = 0

  hurry(): void {
    this.hurried++
  }
}

function full(): { idle: IdleTorrents; torrents: Torrent[]; hurried: () => number[] } {
  const idle = new IdleTorrents()
  const torrents = Array.from({ length: CLIENT_LIMITS.idleTorrents }, () => new Torrent())
  for (const torrent of torrents) idle.add(torrent)
  const hurried = (): number[] => torrents.flatMap((torrent, at) => (torrent.hurried > 0 ? [at] : []))
  return { idle, torrents, hurried }
}

describe('IdleTorrents', () => {
  it('leaves few as they are', () => {
    assert.deepEqual(full().hurried(), [])
  })

  it('has the one that is quiet longest lie down where there is one more', () => {
    const { idle, hurried } = full()
    idle.add(new Torrent())
    assert.deepEqual(hurried(), [0])
    idle.add(new Torrent())
    assert.deepEqual(hurried(), [0, 1])
  })

  it('takes one that stirred for quiet from then on', () => {
    const { idle, torrents, hurried } = full()
    idle.add(torrents[0]!)
    idle.add(new Torrent())
    assert.deepEqual(hurried(), [1])
  })

  it('forgets who rests', () => {
    const { idle, torrents, hurried } = full()
    idle.delete(torrents[5]!)
    idle.add(new Torrent())
    assert.deepEqual(hurried(), [])
  })
})
