/**
 * Fetches a torrent, or gives it, and prints what it hears as JSON, a line each. Ends in good order when its input does.
 * Arguments: torrent file, folder, state folder, address of a peer ('' for none), where to listen.
 */

import { readFileSync } from 'node:fs'
import { openSession } from '../../../src/client/node.ts'
import { parseAddress } from '../../../src/core/address.ts'

const [torrentFile = '', folder = '', stateFolder = '', peer = '', port = '0'] = process.argv.slice(2)
const ended = new AbortController()
process.stdin.on('end', () => ended.abort()).resume()

const session = await openSession({ listen: [{ address: '127.0.0.1', port: Number(port) }], stateFolder })
const say = (what: object): void => console.log(JSON.stringify(what))
session.on('torrent-error', ({ error, isWaiting }) => say({ type: 'error', code: error.code, isWaiting }))
session.on('torrent-recovered', () => say({ type: 'recovered' }))
session.on('checked', ({ good }) => say({ type: 'checked', good, address: session.listening[0] }))
session.on('piece-verified', ({ piece }) => say({ type: 'verified', piece }))
session.on('completed', () => say({ type: 'completed' }))
const torrent = await session.add(
  { torrentFile: readFileSync(torrentFile) },
  { folder, announces: false, peers: peer === '' ? [] : [parseAddress(peer)] },
)
await torrent.completed({ signal: ended.signal }).catch(() => undefined)
await new Promise<void>(resolve => {
  if (ended.signal.aborted) resolve()
  else ended.signal.addEventListener('abort', () => resolve())
})
const { checkedPieces, downloaded, wasted } = torrent.status()
await session.close()
say({ type: 'ended', checkedPieces, downloaded, wasted })
