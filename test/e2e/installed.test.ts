/** The package as people install it: nothing missing, nothing too much, and the walk once through its own command. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { compile, type InstalledPackage, installPackage, linkModule } from '../support/installed-package.ts'
import { eventsOf, launch, type Launched, until } from './cli/launch.ts'
import { TemporaryFolder } from './storage/temporary-folder.ts'

const PUBLISHED =
  /^(bin\/.*\.(js|json)|dist\/.*\.(js|d\.ts)|docs\/.*|(README|CHANGELOG)\.md|LICENSE|package\.json)$/
/** `import … from 'x'`, `export … from 'x'`, `import 'x'` and `import('x')`. */
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])([^'"\n]+)\1/g
const LOOPBACK = ['--bind', '127.0.0.1', '--port', '0', '--json']

describe('the package as people install it', { timeout: 300_000 }, () => {
  const folder = new TemporaryFolder()
  let shoal: InstalledPackage

  before(() => {
    shoal = installPackage(folder.path)
    mkdirSync(join(shoal.folder, 'node_modules', '.bin'))
    symlinkSync(join(shoal.root, shoal.manifest.bin['shoal']!), binOf(shoal))
  })

  after(() => folder[Symbol.dispose]())

  it('has the build, the documents and no sources', () => {
    assert.deepEqual(
      shoal.files.filter(path => !PUBLISHED.test(path)),
      [],
    )
    for (const path of ['README.md', 'LICENSE', 'CHANGELOG.md', 'dist/cli/main.js', 'docs/CLI.md'])
      assert.ok(shoal.files.includes(path), path)
  })

  it('has every file that its exports, its command and its own files name', () => {
    const { bin, exports } = shoal.manifest
    const named = Object.values(exports).flatMap(target =>
      typeof target === 'string' ? [target] : [target['types']!, target['default']!],
    )
    const missing = [...Object.values(bin), ...named.map(path => path.replace(/^\.\//, ''))].filter(
      path => !shoal.files.includes(path),
    )
    for (const [importer, specifier] of importsOf(shoal)) {
      const path = join(dirname(importer), specifier)
      const file = importer.endsWith('.d.ts') ? path.replace(/(\.d)?\.(ts|js)$/, '.d.ts') : path
      if (specifier.startsWith('.') && !shoal.files.includes(file)) missing.push(`${importer}: ${specifier}`)
    }
    assert.deepEqual(missing, [])
  })

  it('imports no package but its dependencies', () => {
    const strangers = importsOf(shoal).filter(([, specifier]) => {
      const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
      return !specifier.startsWith('.') && !isBuiltin(specifier) && !(name in shoal.manifest.dependencies)
    })
    assert.deepEqual(strangers, [])
  })

  it('gives every public subpath to the plain Node', () => {
    const names = subpathsOf(shoal)
    assert.ok(names.includes('shoal') && names.includes('shoal/storage'))
    const program = `
      for (const name of process.argv.slice(1)) {
        const exported = Object.keys(await import(name)).length
        console.log(name, exported > 0, import.meta.resolve(name).includes('/shoal/dist/'))
      }`
    const args = ['--input-type=module', '--eval', program, ...names]
    const env = plainEnvironment()
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: shoal.folder, env, encoding: 'utf8' })
    assert.equal(stderr, '')
    assert.equal(stdout, names.map(name => `${name} true true\n`).join(''))
  })

  it('has types that stand on their own', () => {
    linkModule(join(shoal.folder, 'node_modules'), '@types/node')
    linkModule(join(shoal.folder, 'node_modules'), 'undici-types')
    const exportAll = subpathsOf(shoal).map((name, i) => `export * as subpath${i} from '${name}'\n`)
    const use = `import { openSession } from 'shoal'\nexport const listening: number = (await openSession()).listening.length\n`
    writeFileSync(join(shoal.folder, 'app.mts'), use + exportAll.join(''))
    const compilerOptions = {
      ...{ strict: true, noEmit: true, module: 'nodenext', target: 'es2024' },
      ...{ lib: ['es2024', 'esnext.disposable'], types: ['node'] },
    }
    const config = join(shoal.folder, 'tsconfig.json')
    writeFileSync(config, JSON.stringify({ compilerOptions, files: ['app.mts'] }))
    compile(config)
  })

  it('walks: a torrent is made, shown, tracked, seeded, fetched and verified', async t => {
    const home = folder.at('home')
    mkdirSync(join(home, 'album', 'sub'), { recursive: true })
    const album = {
      'größe.txt': Buffer.from('hello'),
      'sub/two.bin': randomBytes(700_000),
      empty: Buffer.of(),
    }
    for (const [path, content] of Object.entries(album)) writeFileSync(join(home, 'album', path), content)
    const start = (...argv: string[]) =>
      launch(t, argv, home, { launcher: binOf(shoal), env: plainEnvironment() })

    const tracker = start('tracker', '--bind', '127.0.0.1', '--http-port', '0', '--json')
    const announceUrl = String((await eventOf(tracker, 'ready'))['announce'])

    const created = start('create', 'album', '--tracker', announceUrl, '--json')
    assert.deepEqual(await created.ended, [0, null], created.output.stderr)
    const made = await eventOf(created, 'done')

    const shown = start('show', 'album.torrent', '--json')
    assert.deepEqual(await shown.ended, [0, null], shown.output.stderr)
    const show = eventsOf(shown)[0]!
    assert.deepEqual(show['infoHashV1'], made['infoHashV1'])
    assert.deepEqual(show['infoHashV2'], made['infoHashV2'])
    assert.deepEqual(show['trackers'], [[announceUrl]])

    const seed = start('seed', 'album.torrent', '--dir', '.', ...LOOPBACK)
    await until(() => eventsOf(tracker).some(event => Number(event['seeds']) > 0), seed)

    const got = start('get', 'album.torrent', '--dir', 'downloads', ...LOOPBACK)
    assert.deepEqual(await got.ended, [0, null], got.output.stderr)
    assert.equal((await eventOf(got, 'done'))['length'], 700_005)
    for (const [path, content] of Object.entries(album))
      assert.deepEqual(readFileSync(join(home, 'downloads', 'album', path)), content)

    const verified = start('verify', 'album.torrent', '--dir', 'downloads', '--json')
    assert.deepEqual(await verified.ended, [0, null], verified.output.stderr)

    for (const running of [seed, tracker]) {
      running.child.kill('SIGINT')
      assert.deepEqual(await running.ended, [130, null], running.output.stderr)
    }
  })
})

function binOf({ folder }: InstalledPackage): string {
  return join(folder, 'node_modules', '.bin', 'shoal')
}

function subpathsOf({ manifest }: InstalledPackage): string[] {
  const subpaths = Object.keys(manifest.exports).filter(subpath => subpath !== './package.json')
  return subpaths.map(subpath => subpath.replace(/^\./, 'shoal'))
}

/** What each file of the package imports, in code and in types. */
function importsOf({ root, files }: InstalledPackage): [importer: string, specifier: string][] {
  const importers = files.filter(path => /\.(js|d\.ts)$/.test(path))
  return importers.flatMap(importer => {
    const code = withoutComments(readFileSync(join(root, importer), 'utf8'))
    return [...code.matchAll(IMPORT)].map(([, , specifier]): [string, string] => [importer, specifier!])
  })
}

function withoutComments(code: string): string {
  return code.replace(/^\s*\/\*\*[^]*?\*\/$|^\s*\/\/.*$/gm, '')
}

/** Nothing that turns the package's consumer into a developer of shoal. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_PATH: _path, ...env } = process.env
  return env
}

async function eventOf(launched: Launched, type: string): Promise<Record<string, unknown>> {
  const find = () => eventsOf(launched).find(event => event['type'] === type)
  await until(() => find() !== undefined, launched)
  return find()!
}
