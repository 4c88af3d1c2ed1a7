/** A process that does nothing and tells at the second line that comes in how late its event loop was since the first. */

import { TurnWatch } from './turn-watch.mjs'

const watch = new TurnWatch()
let isStarted = false
process.stdin.on('data', () => {
  if (isStarted) process.stdout.write(`${JSON.stringify({ type: 'turns', ...watch.figures() })}\n`)
  else watch.start()
  isStarted = true
})
process.stdin.on('end', () => process.exit(0))
process.stdout.write('{"type":"ready"}\n')
