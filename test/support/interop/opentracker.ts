/** opentracker, over HTTP. */

import type { Scene } from './scene.ts'

const PORT = 6969

export async function startOpentracker(scene: Scene): Promise<{ announceUrl: string }> {
  const host = scene.net.address()
  const folder = scene.folder('opentracker')
  const program = scene.start('opentracker', [
    ...['opentracker', '-i', host, '-p', String(PORT), '-d', folder],
  ])
  await program.listens(host, PORT)
  return { announceUrl: `http://${host}:${PORT}/announce` }
}
