/** The programs in the docs: gathered, so that they can be checked as every other program is. */

/** What stands in the docs' programs without being said there. */
const GIVEN = `import type { Session as GivenSession, TorrentHandle as GivenTorrent } from 'shoal'
declare const session: GivenSession
declare const torrent: GivenTorrent
declare const magnet: string
declare const torrentFile: Uint8Array
`

/** The TypeScript blocks of a page in Markdown, in order. */
export function codeBlocks(page: string): string[] {
  return [...page.matchAll(/^```ts\n([^]*?)^```$/gm)].map(match => match[1]!)
}

/** One module in which each block is a function of its own; imports are taken out of the blocks and made once. */
export function moduleOf(blocks: readonly string[]): string {
  const imports = new Set<string>()
  const functions = blocks.map((block, index) => {
    const body = block.replaceAll(/^import .*$/gm, line => {
      imports.add(line)
      return ''
    })
    return `export async function block${index + 1}(): Promise<void> {\n${body}}\n`
  })
  return [...imports, GIVEN, ...functions].join('\n')
}
