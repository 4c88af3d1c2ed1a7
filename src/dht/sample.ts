import { asBytes, asInteger, type BencodeDict } from '../bencode/bencode.ts'
import type { NodeId } from './node-id.ts'

/** `hashes`: info-hashes that the node keeps peers of, `num` in all, the same for so many seconds (BEP 51). */
export interface Sample {
  readonly hashes: readonly NodeId[]
  readonly num: number
  readonly intervalSeconds: number
}

const LONGEST_INTERVAL_SECONDS = 21_600

/** Null where the node does not speak of samples. */
export function readSample(values: BencodeDict): Sample | null {
  const samples = asBytes(values.get('samples'))
  if (samples === null || samples.length % 20 !== 0) return null
  const hashes: NodeId[] = []
  for (let at = 0; at < samples.length; at += 20) hashes.push(samples.slice(at, at + 20))
  const intervalSeconds = asInteger(values.get('interval')) ?? 0
  return {
    hashes,
    num: Math.max(hashes.length, asInteger(values.get('num')) ?? 0),
    intervalSeconds: Math.max(0, Math.min(LONGEST_INTERVAL_SECONDS, intervalSeconds)),
  }
}
