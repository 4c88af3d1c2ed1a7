import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { utf8Bytes } from '../../../src/core/bytes.ts'
import { decodeSettings, encodeSettings } from '../../../src/client/torrent-settings.ts'

describe('the settings of a torrent', () => {
  it('are read as they were written', () => {
    const settings = {
      isPaused: true,
      isForced: false,
      isSequential: true,
      isSuperSeeding: true,
      downloadLimit: 1000,
      uploadLimit: 0,
      goals: { ratio: 1.5, idleTime: 60 },
      seededFor: 123.5,
      priorities: '4406',
      movedFrom: 'a',
      folder: '/b',
      names: { 0: 'x/y', 17: 'z' },
    }
    assert.deepEqual(decodeSettings(encodeSettings(settings)), settings)
    assert.deepEqual(decodeSettings(encodeSettings({})), {})
  })

  it('have no limit where there is none', () => {
    assert.deepEqual(decodeSettings(encodeSettings({ downloadLimit: Number.POSITIVE_INFINITY })), {})
  })

  it('say nothing where they cannot be understood', () => {
    for (const text of ['', '{', 'null', '7', '{"version":2,"isPaused":true}'])
      assert.deepEqual(decodeSettings(utf8Bytes(text)), {}, text)
    assert.deepEqual(decodeSettings(new Uint8Array([0xff, 0xfe])), {})
    const wrong = {
      version: 1,
      isPaused: 1,
      downloadLimit: -1,
      goals: { ratio: 'x', idleTime: 5 },
      priorities: '9',
    }
    assert.deepEqual(decodeSettings(utf8Bytes(JSON.stringify(wrong))), { goals: { idleTime: 5 } })
  })

  it('name no file outside of its folder', () => {
    const names = { 0: '../a', 1: 'ok', x: 'b', 2: '/etc/passwd', 3: 5 }
    assert.deepEqual(decodeSettings(encodeSettings({ names } as object)), { names: { 1: 'ok' } })
  })
})
