/**
 * Runs a tracker until Ctrl-C, and says every ten seconds whom it knows.
 *
 *     node -C shoal-source examples/tracker.ts [--bind ADDRESS] [--port N]
 */

import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { startTracker } from 'shoal/tracker-server'

const { values } = parseArgs({
  options: { bind: { type: 'string', default: '0.0.0.0' }, port: { type: 'string', default: '6969' } },
})

await using tracker = await startTracker({ bind: [values.bind], httpPort: Number(values.port) })
console.log(tracker.announceUrl)

const telling = setInterval(tell, 10_000)
await once(process, 'SIGINT')
clearInterval(telling)
tell()

function tell(): void {
  const { swarms, seeds, leeches } = tracker.stats()
  console.log(`${swarms} swarms, ${seeds} seeds, ${leeches} leeches`)
}
