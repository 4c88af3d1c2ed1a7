import { type Address, formatAddress } from '../core/address.ts'
import { UsageError } from '../core/errors.ts'

/** How often a port that the system chose for one place is tried at the others before giving up. */
const PORT_ATTEMPTS = 16

/** Something that listens at one place. */
export interface OpenListener {
  /** The address and the port that were really bound. */
  readonly local: Address
  close(): Promise<void>
}

export interface ListenPlace {
  readonly address: Address
  /** True: left out where this machine has no such address (IPv6 switched off), as long as another place is there. */
  readonly isOptional?: boolean
}

export interface Listeners<T extends OpenListener> {
  readonly all: readonly T[]
  /** Closes every one of them. */
  close(): Promise<void>
}

/**
 * Listens at several places: all of them, or none. Places with port 0 get one port together, because a peer is told
 * one port for all its addresses. `open` listens at one place; it may open several sockets there (TCP and UDP on one
 * number). Rejects as `open` does: `UsageError` `port-in-use`, `address-unavailable`, …
 */
export async function openListeners<T extends OpenListener>(
  places: readonly ListenPlace[],
  open: (at: Address) => Promise<T>,
): Promise<Listeners<T>> {
  for (let attempt = 1; ; attempt++) {
    const opened: T[] = []
    try {
      await openEach(places, open, opened)
      return { all: opened, close: () => closeAll(opened) }
    } catch (error) {
      const isShared = opened.length > 0 && places.some(place => place.address.port === 0)
      await closeAll(opened)
      if (!isShared || !isCode(error, 'port-in-use') || attempt === PORT_ATTEMPTS) throw error
    }
  }
}

async function openEach<T extends OpenListener>(
  places: readonly ListenPlace[],
  open: (at: Address) => Promise<T>,
  opened: T[],
): Promise<void> {
  let sharedPort = 0
  let missing: unknown = null
  for (const { address, isOptional } of places) {
    const isShared = address.port === 0
    try {
      const listener = await open(isShared ? { ...address, port: sharedPort } : address)
      opened.push(listener)
      if (isShared) sharedPort = listener.local.port
    } catch (error) {
      if (!isOptional || !isCode(error, 'address-unavailable')) throw error
      missing = error
    }
  }
  if (opened.length === 0 && missing !== null) throw missing
}

/**
 * Tries ports one after the other, from the wanted one on, until one is free at all places. Rejects with `UsageError`
 * `port-in-use` where none of `count` is.
 */
export async function openListenersFrom<T extends OpenListener>(
  places: readonly ListenPlace[],
  open: (at: Address) => Promise<T>,
  count: number,
): Promise<Listeners<T>> {
  for (let step = 0; step < count; step++) {
    try {
      return await openListeners(
        places.map(place => shifted(place, step)),
        open,
      )
    } catch (error) {
      if (!isCode(error, 'port-in-use')) throw error
    }
  }
  const first = places.map(place => formatAddress(place.address)).join(', ')
  throw new UsageError(
    'port-in-use',
    `${first} and the next ${count - 1} ports are in use by other programs: choose another port, or 0 for any`,
  )
}

function shifted(place: ListenPlace, step: number): ListenPlace {
  const { port } = place.address
  return port === 0 ? place : { ...place, address: { ...place.address, port: Math.min(65535, port + step) } }
}

async function closeAll(listeners: readonly OpenListener[]): Promise<void> {
  await Promise.all(listeners.map(listener => listener.close()))
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof UsageError && error.code === code
}
