/** The examples do what they say, run as people run them: a tracker, a seed, and three ways to download. */

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { until } from '../support/until.ts'
import { TemporaryFolder } from './storage/temporary-folder.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

class Example {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown[]>
  #output = ''
  #errors = ''

  constructor(name: string, ...args: readonly string[]) {
    const file = `examples/${name}.ts`
    this.#child = spawn(process.execPath, ['-C', 'shoal-source', file, ...args, '--bind', '127.0.0.1'], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#ended = once(this.#child, 'close')
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text
    })
  }

  get lines(): string[] {
    return this.#output.split('\n').slice(0, -1)
  }

  /** The first line that looks so, once it is there. */
  async line(pattern: RegExp): Promise<string> {
    const find = () => this.lines.find(line => pattern.test(line))
    await until(() => find() !== undefined || this.#child.exitCode !== null)
    const found = find()
    assert.ok(found !== undefined, `no line like ${pattern}; errors: ${this.#errors}`)
    return found
  }

  interrupt(): void {
    this.#child.kill('SIGINT')
  }

  /** Its exit code, with what it complained of where there is something. */
  async ended(): Promise<number> {
    const [code] = await this.#ended
    assert.equal(this.#errors, '')
    return code as number
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL')
  }
}

describe('the examples', { timeout: 120_000 }, () => {
  const folder = new TemporaryFolder()
  const files = {
    'a.bin': randomBytes(200_000),
    'deeper/b.bin': randomBytes(70_000),
    'empty.txt': Buffer.of(),
  }
  let tracker: Example
  let seed: Example
  let magnet: string

  before(async () => {
    mkdirSync(folder.at('published', 'deeper'), { recursive: true })
    for (const [path, content] of Object.entries(files)) writeFileSync(folder.at('published', path), content)
    tracker = new Example('tracker', '--port', '0')
    const announceUrl = await tracker.line(/^http:/)
    seed = new Example('seed', folder.at('published'), announceUrl)
    magnet = await seed.line(/^magnet:/)
    await seed.line(/^1 seeds, 0 leeches$/)
  })

  after(() => {
    for (const example of [seed, tracker]) example?.[Symbol.dispose]()
    folder[Symbol.dispose]()
  })

  it('download.ts fetches what a magnet link names', async () => {
    using download = new Example('download', magnet, folder.at('downloaded'))
    assert.equal(await download.ended(), 0)
    assert.match(download.lines[0]!, /^published: 270000 bytes in \d files$/)
    assert.match(download.lines[1]!, /^complete: \d+ bytes came, 0 of them for nothing$/)
    assertArrived('downloaded')
  })

  it('watch.ts prints what happens, from the first to the last', async () => {
    using watch = new Example('watch', magnet, folder.at('watched'))
    assert.equal(await watch.ended(), 0)
    assertArrived('watched')
    const alerts = watch.lines.map(line => JSON.parse(line) as { type: string; address?: string })
    const types = alerts.map(alert => alert.type)
    for (const type of ['metadata-received', 'peer-connected', 'piece-verified', 'completed']) {
      assert.ok(types.includes(type), `no ${type} in ${types.join(', ')}`)
    }
    assert.equal(types[0], 'torrent-added')
    assert.equal(types.at(-1), 'torrent-removed')
    assert.match(alerts.find(alert => alert.type === 'peer-connected')!.address!, /^127\.0\.0\.1:\d+$/)
  })

  it('stream.ts plays the largest file while it downloads, from wherever a player wants', async () => {
    using stream = new Example('stream', magnet, folder.at('streamed'))
    const [, path, url] = /^(\S+): (http:\S+)$/.exec(await stream.line(/http:/))!
    assert.equal(path, 'a.bin')
    const film = files['a.bin']
    const middle = await fetch(url!, { headers: { range: 'bytes=150000-150999' } })
    assert.equal(middle.status, 206)
    assert.equal(middle.headers.get('content-range'), `bytes 150000-150999/${film.length}`)
    assert.deepEqual(Buffer.from(await middle.arrayBuffer()), film.subarray(150_000, 151_000))
    const end = await fetch(url!, { headers: { range: 'bytes=-500' } })
    assert.deepEqual(Buffer.from(await end.arrayBuffer()), film.subarray(film.length - 500))
    const beyond = await fetch(url!, { headers: { range: `bytes=${film.length}-` } })
    assert.deepEqual([beyond.status, beyond.headers.get('content-range')], [416, `bytes */${film.length}`])
    const whole = await fetch(url!)
    assert.equal(whole.status, 200)
    assert.deepEqual(Buffer.from(await whole.arrayBuffer()), film)
    stream.interrupt()
    assert.equal(await stream.ended(), 0)
  })

  it('seed.ts and tracker.ts end in good order at Ctrl-C', async () => {
    seed.interrupt()
    assert.equal(await seed.ended(), 0)
    tracker.interrupt()
    assert.equal(await tracker.ended(), 0)
    assert.match(tracker.lines.at(-1)!, /^\d swarms, 0 seeds, 0 leeches$/)
  })

  function assertArrived(place: string): void {
    for (const [path, content] of Object.entries(files)) {
      assert.deepEqual(readFileSync(folder.at(place, 'published', path)), content, path)
    }
  }
})
