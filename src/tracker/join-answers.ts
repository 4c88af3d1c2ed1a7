import type { AnnounceResponse } from './announce.ts'

/** One swarm as a tracker shows it over several address families: peers of all, and the larger of the counts. */
export function joinAnswers(first: AnnounceResponse, others: readonly AnnounceResponse[]): AnnounceResponse {
  return others.reduce(joined, first)
}

function joined(one: AnnounceResponse, other: AnnounceResponse): AnnounceResponse {
  return {
    ...one,
    peers: [...one.peers, ...other.peers],
    complete: larger(one.complete, other.complete),
    incomplete: larger(one.incomplete, other.incomplete),
    downloaded: larger(one.downloaded, other.downloaded),
    warning: one.warning ?? other.warning,
  }
}

function larger(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other)
}
