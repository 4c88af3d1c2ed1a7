import type { ProtocolError } from '../core/errors.ts'

/** What a torrent asks of the connection to a peer. Every call only queues and none calls back, but for `close`. */
export interface PeerLink {
  choke(): void
  unchoke(): void
  interested(): void
  notInterested(): void
  have(piece: number): void
  /** Goes along with what is said next: the peer has the piece, and wants only to know how far we are. */
  haveInPassing(piece: number): void
  /** BEP 54, to those who know it. */
  dontHave(piece: number): void
  request(piece: number, begin: number, length: number): void
  cancel(piece: number, begin: number, length: number): void
  /** BEP 6: says that a request will not be answered; nothing where the peer has no fast extension. */
  reject(piece: number, begin: number, length: number): void
  /** BEP 6: it may ask for the piece while it is choked; nothing where the peer has no fast extension. */
  allowedFast(piece: number): void
  /** It had the piece often enough. It is not told; from here on requests for it are such as nobody makes while choked. */
  allowedFastNoMore(piece: number): void
  uploadOnly(isUploadOnly: boolean): void
  /** There are requests to answer, or room to answer them: the next run may be taken from `uploads`. */
  serve(): void
  /** Ends the connection for a reason that has a name. The torrent is told that the peer `left` before it returns. */
  close(reason: ProtocolError): void
}
