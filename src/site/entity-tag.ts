/** Whether a client already has what it asks for (RFC 9110, 13.1.2). */

/**
 * Reads `If-None-Match`: `*`, or a list of tags, of which weak ones count as well. `tag` has its quotes. A header that
 * is not there or makes no sense matches nothing.
 */
export function hasEntityTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch.trim() === '*') return true
  return ifNoneMatch.split(',').some(candidate => candidate.trim().replace(/^W\//, '') === tag)
}
