/** The fields that HASH REQUEST, HASHES and HASH REJECT share (BEP 52). */

import { readU32, writeU32 } from '../core/bytes.ts'

/** Bytes of an encoded `HashRequest`. */
export const HASH_REQUEST_LENGTH = 48

const HASH_LENGTH = 32

/** Which hashes of a file's merkle tree are asked for. Whether they exist is for the owner to say. */
export interface HashRequest {
  /** 32 bytes: names the file. */
  readonly piecesRoot: Uint8Array
  /** Layers above the leaves (16 KiB blocks); 0 asks for leaf hashes. */
  readonly baseLayer: number
  /** The first hash, counted in the base layer. */
  readonly index: number
  /** How many hashes of the base layer. */
  readonly length: number
  /** How many layers of ancestors, those that follow from the hashes themselves included. */
  readonly proofLayers: number
}

export function writeHashRequest(target: Uint8Array, at: number, request: HashRequest): void {
  target.set(request.piecesRoot, at)
  writeU32(target, at + 32, request.baseLayer)
  writeU32(target, at + 36, request.index)
  writeU32(target, at + 40, request.length)
  writeU32(target, at + 44, request.proofLayers)
}

/** The root is copied: requests outlive the chunk that they came in. */
export function readHashRequest(bytes: Uint8Array, at: number): HashRequest {
  return {
    piecesRoot: bytes.slice(at, at + 32),
    baseLayer: readU32(bytes, at + 32),
    index: readU32(bytes, at + 36),
    length: readU32(bytes, at + 40),
    proofLayers: readU32(bytes, at + 44),
  }
}

/**
 * Bytes of the hashes that answer a request: those of the base layer and one uncle for each proof layer, but for
 * the layers that the base hashes imply (the first log2(length) - 1).
 */
export function hashesLength(request: HashRequest): number {
  const implied = Math.max(0, Math.ceil(Math.log2(Math.max(1, request.length))) - 1)
  return HASH_LENGTH * (request.length + Math.max(0, request.proofLayers - implied))
}

export function isSameHashRequest(a: HashRequest, b: HashRequest): boolean {
  if (a.baseLayer !== b.baseLayer || a.index !== b.index) return false
  if (a.length !== b.length || a.proofLayers !== b.proofLayers) return false
  return a.piecesRoot.every((byte, i) => byte === b.piecesRoot[i])
}
