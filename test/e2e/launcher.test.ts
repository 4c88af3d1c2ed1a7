import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PINNED = `node-${process.platform.replace('win32', 'win')}-${process.arch}`
const BOUND = 20_000

/** Stands in for src/cli/main.ts: says who runs it, then does what its first argument names. */
const STUB = `
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'

// As the real one may be: still loading when a signal comes. Of two that wait the system delivers SIGUSR2 first.
if (process.argv[2] === 'up') {
  const held = setInterval(() => {}, 1000)
  const loaded = once(process, 'SIGTERM')
  console.log('loading')
  await loaded
  clearInterval(held)
}

export async function main([command = '', value = '']: string[]): Promise<number> {
  if (command === 'throw') throw new Error('a bug')
  if (command === 'wait' || command === 'count' || command === 'up') {
    let interrupts = 0
    let end = (_code: number) => {}
    const ended = new Promise<number>(resolve => { end = resolve })
    process.on('SIGTERM', () => end(43))
    process.on('SIGUSR2', () => end(44))
    process.on('SIGINT', () => {
      interrupts++
      if (command === 'wait') end(42)
      // Long enough for a second one to arrive, were there one.
      else void setTimeout(500).then(() => { console.log('interrupts ' + interrupts); end(0) })
    })
    console.log('ready ' + process.pid)
    const held = setInterval(() => {}, 1000)
    const code = await ended
    clearInterval(held)
    return code
  }
  if (command === 'hang') {
    setInterval(() => {}, 1000)
    console.log('ready ' + process.pid)
    await new Promise(() => {})
  }
  if (command === 'held') setInterval(() => {}, 1000)
  if (command === 'cache') console.log(process.env['NODE_COMPILE_CACHE'])
  else console.log(JSON.stringify({ node: process.versions.node, arguments: [command, value] }))
  return command === 'code' || command === 'held' ? Number(value) : 0
}
`

const cache = mkdtempSync(join(tmpdir(), 'shoal-cache-'))
const folders: string[] = [cache]
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A package with the real launcher and the stub as its sources, its build, or neither. */
function makePackage(has: { pinned?: boolean; code: 'src' | 'dist' }): string {
  const folder = mkdtempSync(join(tmpdir(), 'shoal-launcher-'))
  folders.push(folder)
  cpSync(join(ROOT, 'bin'), join(folder, 'bin'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const main = join(folder, has.code, 'cli', has.code === 'src' ? 'main.ts' : 'main.js')
  mkdirSync(dirname(main), { recursive: true })
  writeFileSync(
    main,
    has.code === 'src' ? STUB : `export async function main() { console.log('built'); return 5 }`,
  )
  if (has.pinned) {
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(join(ROOT, 'node_modules', PINNED), join(folder, 'node_modules', PINNED))
  }
  return folder
}

function findOldNode(): string | null {
  for (const path of [process.env['SHOAL_OLD_NODE'], '/usr/bin/node', '/usr/local/bin/node']) {
    if (path === undefined || !existsSync(path)) continue
    const major = Number(
      execFileSync(path, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' }),
    )
    if (major < 24) return path
  }
  return null
}

interface Ended {
  readonly exitCode: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

class Launched {
  readonly process: ChildProcess
  readonly ended: Promise<Ended>
  #stdout = ''
  #stderr = ''

  constructor(node: string, folder: string, args: string[], env: Record<string, string> = {}) {
    this.process = spawn(node, [join(folder, 'bin', 'shoal.js'), ...args], {
      env: { ...process.env, XDG_CACHE_HOME: cache, ...env },
      timeout: BOUND,
      killSignal: 'SIGKILL',
    })
    this.process.stdout!.setEncoding('utf8').on('data', text => (this.#stdout += text))
    this.process.stderr!.setEncoding('utf8').on('data', text => (this.#stderr += text))
    this.ended = once(this.process, 'close').then(([exitCode, signal]) => ({
      exitCode,
      signal,
      stdout: this.#stdout,
      stderr: this.#stderr,
    }))
  }

  async isLoading(): Promise<void> {
    await until(() => this.#stdout.includes('loading'), 'the stub to be loaded')
  }

  /** The process id of the stub, as soon as it is ready. */
  async childPid(): Promise<number> {
    await until(() => /ready \d+\n/.test(this.#stdout), 'the stub to be ready')
    return Number(/ready (\d+)/.exec(this.#stdout)![1])
  }
}

function launch(node: string, folder: string, ...args: string[]): Launched {
  return new Launched(node, folder, args)
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + BOUND
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited ${BOUND} ms for ${what}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

suite('the launcher on the Node it needs', () => {
  test('runs the sources of a checkout and ends with the exit code of main', async () => {
    const { exitCode, stdout } = await launch(process.execPath, makePackage({ code: 'src' }), 'code', '7')
      .ended
    assert.equal(exitCode, 7)
    assert.equal(JSON.parse(stdout).node, process.versions.node)
  })

  test('runs the build of an installed package', async () => {
    const { exitCode, stdout } = await launch(process.execPath, makePackage({ code: 'dist' })).ended
    assert.deepEqual([exitCode, stdout], [5, 'built\n'])
  })

  test('shows what main throws and ends with 1', async () => {
    const { exitCode, stderr } = await launch(process.execPath, makePackage({ code: 'src' }), 'throw').ended
    assert.equal(exitCode, 1)
    assert.match(stderr, /Error: a bug/)
  })

  test('keeps compiled code for the next start, in the folder of the user', async () => {
    const own = mkdtempSync(join(tmpdir(), 'shoal-cache-'))
    folders.push(own)
    const folder = makePackage({ code: 'src' })
    for (let start = 0; start < 2; start++) {
      const { exitCode } = await new Launched(process.execPath, folder, ['code', '7'], {
        XDG_CACHE_HOME: own,
      }).ended
      assert.equal(exitCode, 7)
      assert.equal(readdirSync(join(own, 'shoal/compiled')).length, 1)
    }
  })

  test('lets threads keep it there too, or where the user has said', async () => {
    const own = mkdtempSync(join(tmpdir(), 'shoal-cache-'))
    folders.push(own)
    const folder = makePackage({ code: 'src' })
    const toldBy = async (env: Record<string, string>): Promise<string> =>
      (await new Launched(process.execPath, folder, ['cache'], { XDG_CACHE_HOME: own, ...env }).ended).stdout
    assert.equal(await toldBy({}), `${join(own, 'shoal/compiled')}\n`)
    assert.equal(await toldBy({ NODE_COMPILE_CACHE: join(own, 'mine') }), `${join(own, 'mine')}\n`)
  })

  test('starts where no compiled code can be kept, and keeps none in the folder where it is', async () => {
    const folder = makePackage({ code: 'src' })
    const homeless = join(folder, 'homeless.cjs')
    writeFileSync(homeless, `require('os').homedir = () => { throw new Error('no home') }`)
    for (const env of [
      { XDG_CACHE_HOME: join(folder, 'package.json') },
      { XDG_CACHE_HOME: 'relative' },
      { XDG_CACHE_HOME: '', HOME: '' },
      { XDG_CACHE_HOME: '', NODE_OPTIONS: `--require=${homeless}` },
    ]) {
      const { exitCode, stderr } = await new Launched(process.execPath, folder, ['code', '7'], env).ended
      assert.deepEqual([exitCode, stderr], [7, ''], JSON.stringify(env))
    }
    assert.equal(existsSync('relative') || existsSync('.cache'), false)
  })
})

const oldNode = findOldNode()
const noOldNode =
  oldNode === null ? 'there is no Node older than 24 on this machine (SHOAL_OLD_NODE may name one)' : false

suite('the launcher on an older Node', { skip: noOldNode }, () => {
  const start = (...args: string[]) => launch(oldNode!, makePackage({ pinned: true, code: 'src' }), ...args)

  test('runs the same arguments on the pinned Node', async () => {
    const { exitCode, stdout, stderr } = await start('a b', '--c').ended
    assert.deepEqual([exitCode, stderr], [0, ''])
    const said = JSON.parse(stdout)
    assert.equal(Number(said.node.split('.')[0]) >= 24, true)
    assert.deepEqual(said.arguments, ['a b', '--c'])
  })

  test('passes the exit code on', async () => {
    assert.equal((await start('code', '9').ended).exitCode, 9)
  })

  for (const [signal, code] of [
    ['SIGTERM', 43],
    ['SIGINT', 42],
    ['SIGUSR2', 44],
  ] as const) {
    test(`passes ${signal} on to a child that handles it`, async () => {
      const launched = start('wait')
      await launched.childPid()
      launched.process.kill(signal)
      assert.equal((await launched.ended).exitCode, code)
    })
  }

  test('lets `up` start in peace that is asked for another look meanwhile', async () => {
    const launched = start('up')
    await launched.isLoading()
    launched.process.kill('SIGUSR2')
    launched.process.kill('SIGTERM')
    // It is ready, and so alive; the first signal may reach it only now, and end it as it ends the stub.
    await launched.childPid()
    launched.process.kill('SIGKILL')
    await launched.ended
  })

  for (const [value, signal] of [
    ['3', 'SIGTERM'],
    ['130', 'SIGINT'],
  ] as const) {
    test(`ends by ${signal} where something holds it after the command came to ${value}`, async () => {
      assert.equal((await start('held', value).ended).signal, signal)
    })
  }

  test('dies of the signal that its child died of', async () => {
    const launched = start('hang')
    process.kill(await launched.childPid(), 'SIGTERM')
    assert.equal((await launched.ended).signal, 'SIGTERM')
  })

  for (const command of ['hang', 'wait']) {
    test(`takes its child along when it is killed (${command})`, async () => {
      const launched = start(command)
      const pid = await launched.childPid()
      launched.process.kill('SIGKILL')
      await until(() => !isAlive(pid), 'the child to end')
    })
  }

  const noTerminal = existsSync('/usr/bin/script') ? false : 'there is no script(1) to make a terminal with'
  test('lets Ctrl-C at a terminal interrupt the child once', { skip: noTerminal }, async () => {
    const command = `'${oldNode}' '${join(makePackage({ pinned: true, code: 'src' }), 'bin', 'shoal.js')}' count`
    const terminal = spawn('/usr/bin/script', ['-qec', command, '/dev/null'], { timeout: BOUND })
    let screen = ''
    terminal.stdout.setEncoding('utf8').on('data', text => (screen += text))
    await until(() => screen.includes('ready'), 'the stub to be ready')
    terminal.stdin.write('\x03')
    await once(terminal, 'close')
    assert.match(screen, /interrupts 1\r?\n/)
  })

  test('says in one line what to install where no Node is pinned', async () => {
    const { exitCode, stdout, stderr } = await launch(oldNode!, makePackage({ code: 'src' })).ended
    assert.deepEqual([exitCode, stdout], [1, ''])
    assert.match(stderr, /^shoal needs Node 24\.11 or newer, and this is [\d.]+: install Node 24 .*\n$/)
  })
})
