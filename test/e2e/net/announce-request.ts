import type { AnnounceRequest } from '../../../src/tracker/announce.ts'

/** An announce of nobody in particular. */
export const request: AnnounceRequest = {
  infoHash: new Uint8Array(20).fill(0xff),
  peerId: new Uint8Array(20).fill(0x41),
  port: 6881,
  uploaded: 0,
  downloaded: 0,
  left: 5,
  event: 'started',
  numWant: 50,
  key: '01234567',
  isCompact: true,
  noPeerId: true,
}
