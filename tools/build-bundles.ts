/**
 * Puts what a process loads as it starts into few files: `node tools/build-bundles.ts`, after `tsc` has filled `dist`.
 * The library stays a file a module, with its types; the command line and the storage worker are bundled, since finding
 * and linking a hundred modules takes longer than all else they do before they work. Packages are not bundled: they gain
 * nothing by it, and stay what `npm install` made of them.
 */

import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build, type BuildOptions } from 'esbuild'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const STORAGE_WORKER = 'src/storage/storage-worker.ts'

/** Names stay as they are, for stack traces. */
const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  packages: 'external',
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
  allowOverwrite: true,
} satisfies BuildOptions

// The exports of the package do not name it: it needs neither types nor a file a module.
rmSync(new URL('../dist/cli', import.meta.url), { recursive: true, force: true })
await Promise.all([
  // Each command is loaded when it is asked for, with what it shares with others in chunks beside it.
  build({ ...COMMON, entryPoints: ['src/cli/main.ts'], outdir: 'dist/cli', splitting: true }),
  // Beside those who start it: `start-worker.ts` looks for it in its own folder, which in the bundle is `cli`.
  build({ ...COMMON, entryPoints: [STORAGE_WORKER], outdir: 'dist/cli' }),
  build({ ...COMMON, entryPoints: [STORAGE_WORKER], outdir: 'dist/storage' }),
])
