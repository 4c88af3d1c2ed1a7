import type { Family } from '../core/address.ts'
import { TrackerError } from '../core/errors.ts'
import type { AnnounceRequest, AnnounceResponse } from '../tracker/announce.ts'
import { joinAnswers } from '../tracker/join-answers.ts'
import { announce, type TrackerAsk } from './http-tracker.ts'

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
  const [only] = families
  if (families.length <= 1) {
    return announce(trackerUrl, request, {
      ...options,
      ...(only?.from === undefined ? {} : { from: only.from }),
    })
  }
  const outcomes = await Promise.allSettled(
    families.map(family => announce(trackerUrl, request, { ...options, ...family })),
  )
  const answers = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const [first, ...others] = answers
  if (first) return joinAnswers(first, others)
  const reasons: unknown[] = outcomes.flatMap(outcome =>
    outcome.status === 'rejected' ? [outcome.reason] : [],
  )
  throw reasons.find(reason => !isFamilyMissing(reason)) ?? reasons[0]
}

function isFamilyMissing(reason: unknown): boolean {
  return reason instanceof TrackerError && reason.code === 'tracker-family-missing'
}
