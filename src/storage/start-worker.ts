import { SHARE_ENV, Worker } from 'node:worker_threads'

/** `.ts` in a checkout, `.js` once compiled: workers start from the same kind of file as this one. */
const SUFFIX = import.meta.url.slice(import.meta.url.lastIndexOf('.'))

/** Starts the worker in the file of that name, without suffix, in this folder. */
export function startWorker(name: string): Worker {
  return new Worker(new URL(`./${name}${SUFFIX}`, import.meta.url), {
    name: `shoal ${name}`,
    env: SHARE_ENV,
    execArgv: [],
    // They hold a few small objects at a time: the bulk is in shared memory.
    resourceLimits: { maxYoungGenerationSizeMb: 2 },
  })
}
