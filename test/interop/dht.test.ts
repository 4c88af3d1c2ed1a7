/** Fifty nodes of libtorrent and fifty of ours in one DHT: what one side says, the other finds. */

import assert from 'node:assert/strict'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { formatAddress } from '../../src/core/address.ts'
import { DhtHost } from '../support/dht-host.ts'
import { PYTHON, whyNotLibtorrent } from '../support/programs.ts'
import { until } from '../support/until.ts'
import { TemporaryFolder } from '../e2e/storage/temporary-folder.ts'

const HOST = '127.0.0.1'
const SIDE = 50
const SEARCHES = 20
const BOUND = 60_000
const NODES = fileURLToPath(new URL('../support/interop/libtorrent-nodes.py', import.meta.url))

/** The nodes of libtorrent, in one process. */
class TheirNodes implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #found = new Map<string, Set<string>>()
  readonly #waiting: ((event: Record<string, unknown>) => void)[] = []

  constructor() {
    this.#child = spawn(PYTHON, [NODES], { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface(this.#child.stdout).on('line', line => {
      const event = JSON.parse(line) as { type: string; hash: string; peers: string[] }
      if (event.type !== 'found') return this.#waiting.shift()?.(event)
      const peers = this.#found.get(event.hash) ?? new Set()
      for (const peer of event.peers) peers.add(peer)
      this.#found.set(event.hash, peers)
    })
  }

  open(router: string): Promise<unknown> {
    return this.#ask({ open: SIDE, host: HOST, router })
  }

  async sizes(): Promise<number[]> {
    return (await this.#ask({ sizes: true }))['nodes'] as number[]
  }

  /** Says that it has a torrent, at the port of the node. */
  announce(node: number, hash: Uint8Array, folder: string): void {
    this.#say({ announce: Buffer.from(hash).toString('hex'), node, folder })
  }

  async find(node: number, hash: Uint8Array, peer: string): Promise<void> {
    const name = Buffer.from(hash).toString('hex')
    await holds(async () => {
      this.#say({ search: name, node })
      await pause(500)
      return this.#found.get(name)?.has(peer) ?? false
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }

  #ask(command: Record<string, unknown>): Promise<Record<string, unknown>> {
    const answer = Promise.withResolvers<Record<string, unknown>>()
    this.#waiting.push(answer.resolve)
    this.#say(command)
    return answer.promise
  }

  #say(command: Record<string, unknown>): void {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`)
  }
}

/** Asks again and again until it is so. */
async function holds(isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + BOUND
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not within ${BOUND} ms: ${String(isSo)}`)
    await pause(50)
  }
}

describe('a DHT of libtorrent and shoal', { skip: whyNotLibtorrent() ?? false }, () => {
  test(`has ${SIDE} nodes of each, and what one side announces the other finds`, {
    timeout: 240_000,
  }, async () => {
    await using stack = new AsyncDisposableStack()
    const ours: DhtHost[] = []
    for (let i = 0; i < SIDE; i++) {
      const node = stack.use(await DhtHost.open(HOST))
      ours.push(node)
      if (i > 0) node.join(ours[0]!.at)
    }
    const theirs = stack.use(new TheirNodes())
    const { ports } = (await theirs.open(formatAddress(ours[0]!.at))) as { ports: number[] }
    const folder = stack.use(new TemporaryFolder())
    await until(() => ours.every(({ node }) => node.size > 12), BOUND)
    await holds(async () => (await theirs.sizes()).every(size => size > 8))
    for (let i = 0; i < SEARCHES; i++) {
      const hash = new Uint8Array(randomBytes(20))
      assert.ok((await ours[i]!.announce(hash, 7000 + i)) > 0)
      await theirs.find(SIDE - 1 - i, hash, `${HOST}:${7000 + i}`)
    }
    for (let i = 0; i < SEARCHES; i++) {
      const hash = new Uint8Array(randomBytes(20))
      theirs.announce(i, hash, folder.path)
      const peer = `${HOST}:${ports[i]}`
      await holds(async () => (await ours[SIDE - 1 - i]!.search(hash)).includes(peer))
    }
  })
})
