import type { Family } from '../core/address.ts'
import { TrackerError } from '../core/errors.ts'
import type { AnnounceRequest, AnnounceResponse, ScrapeEntry } from '../tracker/announce.ts'
import { joinAnswers } from '../tracker/join-answers.ts'
import { announce, scrape, type TrackerAsk } from './http-tracker.ts'

/** A family to announce over, and the address of ours to do it from, where one was chosen. */
export interface AnnounceFamily {
  readonly family: Family
  readonly from?: string
}

/**
 * Announces once over each family that is listened on (BEP 7), so that peers of both learn of us. A family that the
 * tracker cannot be reached over is passed over while another one answers; where none does, rejects with what the
 * first of them met that is more than a missing address.
 */
export async function announceFamilies(
  trackerUrl: string,
  request: AnnounceRequest,
  families: readonly AnnounceFamily[],
  options: Omit<TrackerAsk, 'family' | 'from'>,
): Promise<AnnounceResponse> {
  const [first, ...others] = await askFamilies(families, how =>
    announce(trackerUrl, request, { ...options, ...how }),
  )
  return joinAnswers(first, others)
}

/** Scrapes over each family likewise; the counts are those of the first that answered. */
export async function scrapeFamilies(
  trackerUrl: string,
  infoHashes: readonly Uint8Array[],
  families: readonly AnnounceFamily[],
  options: Omit<TrackerAsk, 'family' | 'from'>,
): Promise<ScrapeEntry[]> {
  const [first] = await askFamilies(families, how => scrape(trackerUrl, infoHashes, { ...options, ...how }))
  return first
}

async function askFamilies<T>(
  families: readonly AnnounceFamily[],
  ask: (how: Pick<TrackerAsk, 'family' | 'from'>) => Promise<T>,
): Promise<[T, ...T[]]> {
  const [only] = families
  if (families.length <= 1) return [await ask(only?.from === undefined ? {} : { from: only.from })]
  const outcomes = await Promise.allSettled(families.map(ask))
  const answers = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const [first, ...others] = answers
  if (first !== undefined) return [first, ...others]
  const reasons: unknown[] = outcomes.flatMap(outcome =>
    outcome.status === 'rejected' ? [outcome.reason] : [],
  )
  throw reasons.find(reason => !isFamilyMissing(reason)) ?? reasons[0]
}

function isFamilyMissing(reason: unknown): boolean {
  return reason instanceof TrackerError && reason.code === 'tracker-family-missing'
}
