import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { describe, it } from 'node:test'
import { announceFamilies } from '../../../src/net/announce-families.ts'
import { HttpFetcher } from '../../../src/net/fetch.ts'
import { request } from './announce-request.ts'
import { startWeb } from './web.ts'

const BOTH = [{ family: 4 }, { family: 6 }] as const

/** A tracker whose name has an address of each family; each family's peers are told apart by their port. */
async function withTracker(
  hosts: readonly string[],
  story: (announce: () => ReturnType<typeof announceFamilies>, asked: string[]) => Promise<void>,
) {
  const asked: string[] = []
  const answer: RequestListener = (message, response) => {
    const isIpv6 = message.socket.localAddress === '::1'
    asked.push(isIpv6 ? 'IPv6' : 'IPv4')
    response.end(
      Buffer.from(
        isIpv6
          ? `d8:completei7e10:incompletei1e8:intervali1800e6:peers618:${'\0'.repeat(15)}\x01\x1a\xe2e`
          : 'd8:completei3e10:incompletei9e8:intervali1800e5:peers6:\x7f\x00\x00\x01\x1a\xe1e',
        'latin1',
      ),
    )
  }
  await using web = await startWeb(answer, '::')
  const fetcher = new HttpFetcher({ lookup: async () => hosts })
  try {
    const url = `http://tracker.example:${web.port}/announce`
    await story(
      () => announceFamilies(url, request, BOTH, { fetch: fetcher.fetch, isUserGiven: true }),
      asked,
    )
  } finally {
    fetcher.close()
  }
}

describe('announcing over each family (BEP 7)', { timeout: 10_000 }, () => {
  it('asks once over each, and joins what they answer', async () => {
    await withTracker(['127.0.0.1', '::1'], async (announce, asked) => {
      const answer = await announce()
      assert.deepEqual(asked.toSorted(), ['IPv4', 'IPv6'])
      assert.deepEqual(
        answer.peers.map(peer => peer.address.port).toSorted((a, b) => a - b),
        [6881, 6882],
      )
      assert.equal(answer.complete, 7)
      assert.equal(answer.incomplete, 9)
    })
  })

  it('is content with the one family that the tracker has', async () => {
    await withTracker(['127.0.0.1'], async (announce, asked) => {
      const answer = await announce()
      assert.deepEqual(asked, ['IPv4'])
      assert.equal(answer.complete, 3)
    })
  })

  it('says why where no family gets an answer', async () => {
    await using web = await startWeb((_, response) => response.end('d14:failure reason4:nonee'))
    const fetcher = new HttpFetcher({ lookup: async () => ['127.0.0.1'] })
    const asked = announceFamilies(`http://tracker.example:${web.port}/announce`, request, BOTH, {
      fetch: fetcher.fetch,
      isUserGiven: true,
    })
    await assert.rejects(asked, { code: 'tracker-refused', wireText: 'none' })
    fetcher.close()
  })
})
