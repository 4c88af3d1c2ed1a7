import { lookup as systemLookup } from 'node:dns/promises'
import { domainToASCII } from 'node:url'
import { type Address, address, type Family, hostBytes, hostFromBytes, isHost } from '../core/address.ts'
import { ProtocolError } from '../core/errors.ts'
import { abortable, withinTime } from './abortable.ts'
import { NET_LIMITS } from './limits.ts'

/** Asks for the addresses of a name, the best first. */
export type Lookup = (name: string) => Promise<readonly string[]>

/** The system's resolver, in the order it prefers (RFC 6724). */
export const lookupName: Lookup = async name => {
  const found = await systemLookup(name, { all: true, order: 'verbatim' })
  return found.map(entry => entry.address)
}

export interface ResolveOptions {
  readonly signal?: AbortSignal | undefined
  /** Default: the system's. */
  readonly lookup?: Lookup | undefined
  /** Only addresses of this family. */
  readonly family?: Family | undefined
}

/**
 * The addresses of a name in canonical form, without doubles; an address is its own. Whatever spelling the name has
 * (`0177.1`, `localhost.`), what comes out can be judged. Rejects with `ProtocolError` `name-unresolved`, or
 * `family-missing` where there are addresses but none of the family.
 */
export async function resolveHost(name: string, options: ResolveOptions = {}): Promise<string[]> {
  const hosts = isHost(name) ? [name] : await lookUp(name, options)
  const canonical = new Set<string>()
  for (const host of hosts.slice(0, NET_LIMITS.resolvedAddresses)) {
    const plain = host.split('%', 1)[0]!
    if (isHost(plain)) canonical.add(hostFromBytes(hostBytes(plain)))
  }
  if (canonical.size === 0) throw unresolved(name, 'it has no address')
  const { family } = options
  const wanted = [...canonical].filter(host => family === undefined || host.includes(':') === (family === 6))
  if (wanted.length === 0) throw new ProtocolError('family-missing', `${name} has no IPv${family} address`)
  return wanted
}

/** `resolveHost`, with a port: for peers that people and magnet links name. */
export async function resolveAddresses(
  name: string,
  port: number,
  options: ResolveOptions = {},
): Promise<Address[]> {
  return (await resolveHost(name, options)).map(host => address(host, port))
}

async function lookUp(name: string, options: ResolveOptions): Promise<readonly string[]> {
  const ascii = domainToASCII(name)
  if (ascii.length === 0 || ascii.length > 254) throw unresolved(name, 'it is not a name')
  const lookup = options.lookup ?? lookupName
  const late = () => unresolved(name, `no answer within ${NET_LIMITS.resolveTimeout / 1000} s`)
  const limit = { time: NET_LIMITS.resolveTimeout, late, signal: options.signal }
  return await withinTime(limit, async signal => {
    try {
      return await abortable(lookup(ascii), signal)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw unresolved(
        name,
        codeOf(error) === 'ENOTFOUND' ? 'there is no such name' : String(codeOf(error)),
        error,
      )
    }
  })
}

function unresolved(name: string, why: string, cause?: unknown): ProtocolError {
  return new ProtocolError('name-unresolved', `cannot resolve "${name.slice(0, 254)}": ${why}`, { cause })
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : error
}
