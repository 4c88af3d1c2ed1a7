/** The tracker protocol, without sockets: `shoal/tracker`. */

export {
  type AnnounceEvent,
  type AnnounceRequest,
  type AnnounceResponse,
  isFailure,
  NUM_WANT_DEFAULT,
  type ScrapeEntry,
  type TrackerFailure,
  type TrackerPeer,
} from './announce.ts'
export { parseAnnounceQuery, parseScrapeQuery } from './announce-query.ts'
export {
  type AnnounceBreadth,
  type AnnounceFailure,
  type AnnounceOutcome,
  AnnounceSchedule,
  type AnnounceScheduleOptions,
  type DueAnnounce,
  type ScheduledEvent,
  type TrackerState,
} from './announce-schedule.ts'
export { type AnnounceAnswer, type AnswerForm, HttpAnswerEncoder } from './http-answer.ts'
export { announceUrl, decodeAnnounceResponse, decodeScrapeResponse, scrapeUrl } from './http-codec.ts'
export { SharedSwarmStore, type SharedSwarmStoreOptions } from './shared-swarm-store.ts'
export type {
  PackedPeers,
  SwarmAnnounce,
  SwarmAnswer,
  SwarmCounts,
  SwarmStore,
  SwarmStoreStats,
} from './swarm-store.ts'
export { type UdpAnnounce, UdpRequests } from './udp-requests.ts'
export { parseUdpUrl, type UdpTrackerPlace } from './udp-url.ts'
