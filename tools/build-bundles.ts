/**
 * Puts what a process loads into few files: `node tools/build-bundles.ts`, after `tsc` has filled `dist` with the types.
 * To find, read and link two hundred modules takes longer than all else that a program does before it works, and leaves
 * 16 MB of memory behind. Packages are not bundled: they gain nothing by it, and stay what `npm install` made of them.
 */

import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type BuildOptions, type Metafile } from 'esbuild'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const STORAGE_WORKER = 'src/storage/storage-worker.ts'
/** It looks for the worker in its own folder. */
const STARTS_WORKERS = 'src/storage/start-worker.ts'

/** What the package exports, and what the benches open (`client/node.ts`). */
const LIBRARY = [
  'src/index.ts',
  ...['bencode', 'metainfo', 'wire', 'tracker', 'tracker-server', 'site', 'storage'].map(
    name => `src/${name}/index.ts`,
  ),
  'src/client/node.ts',
]

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
  splitting: true,
  metafile: true,
} satisfies BuildOptions

function foldersThatStartWorkers({ outputs }: Metafile): string[] {
  const starting = Object.entries(outputs).filter(([, { inputs }]) => STARTS_WORKERS in inputs)
  return [...new Set(starting.map(([file]) => dirname(join(ROOT, file))))]
}

// The exports of the package do not name it: it needs no types.
rmSync(new URL('../dist/cli', import.meta.url), { recursive: true, force: true })
const built = await Promise.all([
  // What several of them have in common is there once: an error of one is an error of the other.
  build({
    ...COMMON,
    entryPoints: LIBRARY,
    outbase: 'src',
    outdir: 'dist',
    chunkNames: 'shared/[name]-[hash]',
  }),
  // Each command is loaded when it is asked for, with what it shares with others in chunks beside it.
  build({ ...COMMON, entryPoints: ['src/cli/main.ts'], outdir: 'dist/cli' }),
])
const folders = built.flatMap(({ metafile }) => foldersThatStartWorkers(metafile))
for (const outdir of folders)
  await build({ ...COMMON, entryPoints: [STORAGE_WORKER], outdir, splitting: false })
