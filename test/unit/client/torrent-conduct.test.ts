import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { StorageError } from '../../../src/core/errors.ts'
import { SettingsStore } from '../../../src/client/settings-store.ts'
import { TorrentConduct } from '../../../src/client/torrent-conduct.ts'
import { decodeSettings, type TorrentSettings } from '../../../src/client/torrent-settings.ts'

/** A torrent that is told things, and a state that saves when the test lets it. */
function conducted(settings: TorrentSettings = {}) {
  const saves: { bytes: Uint8Array; answer: PromiseWithResolvers<void> }[] = []
  const state = {
    replace: (_id: string, _name: string, bytes: Uint8Array) => {
      const answer = Promise.withResolvers<void>()
      saves.push({ bytes, answer })
      return answer.promise
    },
  }
  const nothing = (): void => undefined
  const conduct = new TorrentConduct({
    task: { id: 'a', fail: nothing } as never,
    life: { pause: nothing } as never,
    choice: { digits: null } as never,
    kit: {
      queue: { touch: nothing, delete: nothing } as never,
      watch: { watch: nothing, forget: nothing } as never,
      alerts: { emit: nothing } as never,
      usualGoals: {},
      store: new SettingsStore(state as never),
    },
    settings,
  })
  const begun = async (): Promise<void> => {
    while (saves.length === 0) await Promise.resolve()
  }
  return {
    conduct,
    /** A save has begun. */
    begun,
    /** What is saved next; it succeeds, or meets the fault. */
    save: async (fault?: StorageError): Promise<TorrentSettings> => {
      await begun()
      const { bytes, answer } = saves.shift()!
      if (fault) answer.reject(fault)
      else answer.resolve()
      return decodeSettings(bytes)
    },
  }
}

const FULL = new StorageError('disk-full', 'the disk is full')

describe('where a torrent lies', { timeout: 10_000 }, () => {
  it('is remembered with what is said while it is saved', async () => {
    const { conduct, begun, save } = conducted()
    const moved = conduct.moved({ movedFrom: '/old', folder: '/new' })
    await begun()
    conduct.pause()
    assert.deepEqual(await save(), { movedFrom: '/old', folder: '/new' })
    await moved
    const { folder, isPaused } = await save()
    assert.deepEqual({ folder, isPaused }, { folder: '/new', isPaused: true })
    await conduct.end()
  })

  it('is not said where it cannot be saved; all else is', async () => {
    const { conduct, begun, save } = conducted({ movedFrom: '/old', folder: '/here' })
    const moved = assert.rejects(conduct.moved({ movedFrom: '/old', folder: '/new' }), FULL)
    await begun()
    conduct.pause()
    await save(FULL)
    await moved
    const { folder, movedFrom, isPaused } = await save()
    assert.deepEqual({ folder, movedFrom, isPaused }, { folder: '/here', movedFrom: '/old', isPaused: true })
    await conduct.end()
  })

  it('is waited for by whoever ends it', async () => {
    const { conduct, save } = conducted()
    const moved = conduct.moved({ movedFrom: '/old', folder: '/new' })
    let hasEnded = false
    const ended = conduct.end().then(() => (hasEnded = true))
    await Promise.resolve()
    assert.equal(hasEnded, false)
    await save()
    await Promise.all([moved, ended])
  })
})
