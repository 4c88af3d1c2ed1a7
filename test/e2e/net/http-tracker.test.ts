import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { describe, it } from 'node:test'
import { HttpFetcher } from '../../../src/net/fetch.ts'
import { announce, scrape } from '../../../src/net/http-tracker.ts'
import { request } from './announce-request.ts'
import { startWeb } from './web.ts'

async function withTracker(
  answer: RequestListener,
  story: (url: string, fetcher: HttpFetcher) => Promise<void>,
) {
  await using web = await startWeb(answer)
  const fetcher = new HttpFetcher()
  try {
    await story(web.url('/announce'), fetcher)
  } finally {
    fetcher.close()
  }
}

describe('announce over HTTP', { timeout: 10_000 }, () => {
  it('asks with raw bytes escaped, and reads the peers', async () => {
    let asked = ''
    const answer: RequestListener = (message, response) => {
      asked = message.url ?? ''
      response.end(Buffer.from('d8:intervali1800e5:peers6:\x7f\x00\x00\x01\x1a\xe1e', 'latin1'))
    }
    await withTracker(answer, async (url, { fetch }) => {
      const response = await announce(`${url}?passkey=abc`, request, { fetch })
      assert.equal(response.intervalSeconds, 1800)
      assert.deepEqual(response.peers[0]?.address, { host: '127.0.0.1', port: 6881, family: 4 })
    })
    assert.ok(asked.startsWith('/announce?passkey=abc&'), asked)
    assert.ok(asked.includes(`info_hash=${'%FF'.repeat(20)}`), asked)
    assert.ok(asked.includes('event=started'), asked)
  })

  it('hands on the words of a refusal, whatever the status', async () => {
    for (const status of [200, 400, 403]) {
      const answer: RequestListener = (_, response) => {
        response.writeHead(status).end('d14:failure reason12:unregisterede')
      }
      await withTracker(answer, async (url, { fetch }) => {
        const refusal = { name: 'TrackerError', code: 'tracker-refused', wireText: 'unregistered' }
        await assert.rejects(announce(url, request, { fetch }), refusal)
      })
    }
  })

  it('says what status came, and when to come back', async () => {
    const answer: RequestListener = (_, response) => {
      response.writeHead(503, { 'retry-after': '120' }).end('<html>')
    }
    await withTracker(answer, async (url, { fetch }) => {
      const error = { name: 'TrackerError', code: 'tracker-http-status', retryInSeconds: 120 }
      await assert.rejects(announce(url, request, { fetch }), error)
    })
  })

  it('refuses what is no answer', async () => {
    for (const body of ['', '<html></html>', 'i1e', 'd8:interval']) {
      await withTracker(
        (_, response) => response.end(body),
        async (url, { fetch }) => {
          const invalid = { name: 'FormatError', code: 'tracker-answer-invalid' }
          await assert.rejects(announce(url, request, { fetch }), invalid, body)
        },
      )
    }
  })

  it('asks a local tracker by its path only, unless the user named it', async () => {
    await using web = await startWeb((_, response) => response.end('d8:intervali60ee'))
    const fetcher = new HttpFetcher()
    const { fetch } = fetcher
    const refused = { name: 'TrackerError', code: 'tracker-unreachable' }
    await assert.rejects(announce(web.url('/admin/reboot'), request, { fetch }), refused)
    await assert.rejects(announce(web.url('/?x=/announce'), request, { fetch }), refused)
    for (const path of ['/announce', '/announce.php', '/announce/passkey', '/passkey/announce']) {
      assert.equal((await announce(web.url(path), request, { fetch })).intervalSeconds, 60)
    }
    const named = await announce(web.url('/tracker'), request, { fetch, isUserGiven: true })
    assert.equal(named.intervalSeconds, 60)
    fetcher.close()
  })

  it('keeps passkeys out of its messages', async () => {
    const passkey = '0123456789abcdef0123456789abcdef'
    const { fetch } = new HttpFetcher()
    const url = `http://127.0.0.1:9/${passkey}/announce?key=${passkey}`
    const error = await announce(url, request, { fetch }).catch((thrown: unknown) => thrown)
    assert.ok(error instanceof Error && !error.message.includes(passkey), String(error))
  })

  it('says that a tracker has no address of the family', async () => {
    const { fetch } = new HttpFetcher()
    const missing = announce('http://127.0.0.1:9/announce', request, { fetch, from: '::1' })
    await assert.rejects(missing, { name: 'TrackerError', code: 'tracker-family-missing' })
  })

  it('is aborted with the reason', async () => {
    const reason = new Error('leaving')
    await withTracker(
      () => {},
      async (url, { fetch }) => {
        const controller = new AbortController()
        setImmediate(() => controller.abort(reason))
        await assert.rejects(announce(url, request, { fetch, signal: controller.signal }), reason)
      },
    )
  })
})

describe('scrape over HTTP', { timeout: 10_000 }, () => {
  it('asks beside the announce URL', async () => {
    let asked = ''
    const answer: RequestListener = (message, response) => {
      asked = message.url ?? ''
      const hash = '\xff'.repeat(20)
      const counts = 'd8:completei3e10:downloadedi9e10:incompletei4ee'
      response.end(Buffer.from(`d5:filesd20:${hash}${counts}ee`, 'latin1'))
    }
    await withTracker(answer, async (url, { fetch }) => {
      const entries = await scrape(url, [request.infoHash], { fetch })
      assert.equal(entries[0]?.complete, 3)
    })
    assert.equal(asked, `/scrape?info_hash=${'%FF'.repeat(20)}`)
  })

  it('is not there for every tracker', async () => {
    const { fetch } = new HttpFetcher()
    await assert.rejects(scrape('http://a.test/tracker.php', [request.infoHash], { fetch }), {
      code: 'tracker-no-scrape',
    })
  })

  it('does not ask a tracker of another kind, and says so once and for all', async () => {
    const fetcher = new HttpFetcher()
    for (const url of ['udp://tracker.example:80/announce', 'wss://tracker.example/']) {
      await assert.rejects(announce(url, request, { fetch: fetcher.fetch }), {
        name: 'TrackerError',
        code: 'tracker-unsupported',
        retryInSeconds: Number.POSITIVE_INFINITY,
      })
    }
    fetcher.close()
  })
})
