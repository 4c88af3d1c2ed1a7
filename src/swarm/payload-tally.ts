/** Counts the payload of one torrent, in bytes. It outlives the swarm that counts into it, which comes and goes. */
export class PayloadTally {
  downloaded = 0
  uploaded = 0
  /** Of what was downloaded: pieces that failed, blocks that nobody asked for or that came twice. */
  wasted = 0
}
