import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { BoundedMap } from '../core/bounded-map.ts'
import type { Signatures } from '../core/ports.ts'
import { NET_LIMITS } from './limits.ts'

/** What stands before the 32 bytes of a key (RFC 8410). */
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Keys that were read: reading one takes as long as to verify with it. */
const publicKeys = new BoundedMap<string, KeyObject>({ limit: NET_LIMITS.signatureKeys })

/** Ed25519 of Node. A secret key is the 32 bytes that the key pair is made of (RFC 8032). */
export const nodeSignatures: Signatures = {
  verify(message, signature, publicKey) {
    if (publicKey.length !== 32 || signature.length !== 64) return false
    try {
      return verify(null, message, publicKeyOf(publicKey), signature)
    } catch {
      return false // no point on the curve
    }
  },
  sign: (message, secretKey) => new Uint8Array(sign(null, message, privateKeyOf(secretKey))),
  publicKeyOf(secretKey) {
    const { x } = createPublicKey(privateKeyOf(secretKey)).export({ format: 'jwk' })
    return new Uint8Array(Buffer.from(x ?? '', 'base64url'))
  },
}

function publicKeyOf(bytes: Uint8Array): KeyObject {
  const name = Buffer.from(bytes).toString('latin1')
  const known = publicKeys.get(name)
  if (known) return known
  const der = Buffer.concat([PUBLIC_PREFIX, bytes])
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
  publicKeys.set(name, key)
  return key
}

function privateKeyOf(bytes: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, bytes]), format: 'der', type: 'pkcs8' })
}
