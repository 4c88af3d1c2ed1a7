import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import test, { type TestContext } from 'node:test'
import { chromium, type Page } from 'playwright-core'
import { Catalog } from '../../../src/site/index.ts'
import { HOSTILE_NAMES } from './names.ts'
import { publication } from './publications.ts'
import { startSite } from './site-server.ts'

const CHROMIUM = process.env['SHOAL_CHROMIUM'] ?? '/usr/bin/chromium'
const skip = existsSync(CHROMIUM) ? false : `there is no ${CHROMIUM}: apt install chromium`
/** No sandbox, because tests run as root in containers; nothing that calls home. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

interface PageOptions {
  readonly colorScheme?: 'light' | 'dark'
  readonly javaScriptEnabled?: boolean
  readonly width?: number
}

async function openPage(t: TestContext, options: PageOptions = {}): Promise<Page> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
  t.after(() => browser.close())
  const context = await browser.newContext({
    colorScheme: options.colorScheme ?? 'light',
    javaScriptEnabled: options.javaScriptEnabled ?? true,
    viewport: { width: options.width ?? 1000, height: 700 },
  })
  return context.newPage()
}

function exampleCatalog(): Catalog {
  const catalog = new Catalog()
  catalog.add(publication('Debian 13.1 amd64 netinst.iso', { length: 783_286_272, fileCount: 1 }))
  catalog.add(publication('Ferien in Größenwahn – 日本語の写真', { length: 4_294_967_296, fileCount: 218 }))
  catalog.add(
    publication('a-rather-long-name-without-any-space-in-it-'.repeat(3), { length: 12_000, fileCount: 2 }),
  )
  return catalog
}

function exampleCounts() {
  return { seeds: 12, leeches: 3 }
}

/** axe-core is put in over the debugging protocol: the page's own policy would forbid it. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
    }
    const { violations } = await axe.run()
    return violations.map(violation => `${violation.id}: ${violation.nodes.map(node => node.html).join(' ')}`)
  })
}

test('the list is accessible, light and dark, wide and narrow', { skip }, async t => {
  const url = await startSite(t, {
    catalog: exampleCatalog(),
    announceUrl: () => 'http://192.0.2.1:8080/announce',
    countsOf: exampleCounts,
  })
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1000, 360]) {
      const page = await openPage(t, { colorScheme, width })
      await page.goto(url)
      assert.deepEqual(await violations(page), [], `${colorScheme}, ${width} wide`)
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
      assert.ok(overflow <= 0, `${overflow} pixels stick out, ${width} wide`)
      const folder = process.env['SHOAL_SCREENSHOTS']
      if (folder)
        await page.screenshot({ path: `${folder}/site-${colorScheme}-${width}.png`, fullPage: true })
    }
  }
})

test('the empty list and the page for what is not there are accessible', { skip }, async t => {
  const url = await startSite(t, { catalog: new Catalog() })
  const page = await openPage(t)
  for (const path of ['/', '/nothing']) {
    await page.goto(url + path)
    assert.deepEqual(await violations(page), [], path)
  }
})

test('without JavaScript a torrent file is downloaded under its name', { skip }, async t => {
  const catalog = new Catalog()
  const torrent = catalog.add(publication('Größe: 日本'))
  const page = await openPage(t, { javaScriptEnabled: false })
  await page.goto(await startSite(t, { catalog }))
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Torrent file of Größe: 日本' }).click(),
  ])
  assert.equal(download.suggestedFilename(), 'Größe_ 日本.torrent')
  assert.deepEqual(new Uint8Array(readFileSync(await download.path())), torrent.torrentFile)
  const magnet = page.getByRole('link', { name: 'Magnet link of Größe: 日本' })
  assert.equal(await magnet.getAttribute('href'), torrent.magnet)
})

test('no name runs anything, and the page loads without a complaint', { skip }, async t => {
  const catalog = new Catalog()
  for (const name of HOSTILE_NAMES) catalog.add(publication(name))
  const page = await openPage(t)
  const complaints: string[] = []
  page.on('dialog', dialog => {
    complaints.push(`a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('console', message => complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(error.message))
  const requested: string[] = []
  page.on('request', request => requested.push(new URL(request.url()).pathname))
  await page.goto(await startSite(t, { catalog }), { waitUntil: 'networkidle' })
  assert.deepEqual(complaints, [])
  assert.deepEqual(
    [...new Set(requested)].sort(),
    ['/', '/icon.svg', '/style.css'].filter(path => requested.includes(path)),
  )
  assert.equal(await page.locator('tbody tr').count(), HOSTILE_NAMES.length)
  assert.equal(await page.locator('script, img, svg, base, style, iframe').count(), 0)
})
