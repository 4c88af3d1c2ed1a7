import { utf8Text } from '../core/bytes.ts'
import { TRACKER_LIMITS } from './limits.ts'

/** What a tracker says for people: cut to a length that a screen bears, without control characters. */
export function wireText(bytes: Uint8Array): string {
  return utf8Text(bytes.subarray(0, 4 * TRACKER_LIMITS.answerTextLength))
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, TRACKER_LIMITS.answerTextLength)
}
