/** The package as people get it: compiled, packed, unpacked and linked to its dependencies, in a folder of its own. */

import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** All that a checkout has of what could end up in the package, and what compiling it needs. */
const CHECKOUT = [
  ...[
    'package.json',
    '.npmrc',
    'tsconfig.json',
    'tsconfig.build.json',
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
  ],
  ...['bin', 'docs', 'examples', 'src', 'test', 'tools'],
]

export interface Manifest {
  readonly bin: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
}

export interface InstalledPackage {
  /** Whose `node_modules` the package is in. */
  readonly folder: string
  readonly root: string
  readonly manifest: Manifest
  /** All of its files, relative to `root`. */
  readonly files: readonly string[]
}

/** Runs in `folder` what publishing and installing run, without the network. */
export function installPackage(folder: string): InstalledPackage {
  const tarball = pack(copyCheckout(join(folder, 'checkout')), folder)
  const modules = join(folder, 'app', 'node_modules')
  const root = join(modules, 'shoal')
  mkdirSync(root, { recursive: true })
  run('tar', ['-xzf', tarball, '-C', root, '--strip-components=1'], folder)
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
  for (const name of Object.keys(manifest.dependencies)) linkModule(modules, name)
  return { folder: dirname(modules), root, manifest, files: filesOf(tarball) }
}

/** Makes a package of the repository's `node_modules` one of those in `modules`. */
export function linkModule(modules: string, name: string): void {
  const link = join(modules, name)
  mkdirSync(dirname(link), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules', name), link, 'junction')
}

/** Type-checks or compiles what `config` says. */
export function compile(config: string): void {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
  run(process.execPath, [tsc, '-p', config], dirname(config))
}

function copyCheckout(checkout: string): string {
  for (const place of CHECKOUT) cpSync(join(ROOT, place), join(checkout, place), { recursive: true })
  const modules = join(checkout, 'node_modules')
  symlinkSync(join(ROOT, 'node_modules'), modules, 'junction')
  return checkout
}

function pack(checkout: string, folder: string): string {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const options = ['--json', '--offline', `--cache=${join(folder, 'npm-cache')}`]
  const args = ['run', '--silent', 'package', '--', ...options, `--pack-destination=${folder}`]
  const packed = run(npm, args, checkout)
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }]
  return join(folder, filename)
}

function filesOf(tarball: string): string[] {
  const paths = run('tar', ['-tzf', tarball], dirname(tarball)).split('\n')
  return paths.filter(path => path !== '' && !path.endsWith('/')).map(path => path.replace(/^package\//, ''))
}

function run(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  if (error) throw error
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}${stdout}`)
  return stdout
}
