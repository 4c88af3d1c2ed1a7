/** Text that strangers wrote, made harmless for a terminal, a log or one line of anything. */

/**
 * Control characters (C0, C1, DEL), line and paragraph separators, direction marks and overrides (which make
 * `gpj.exe` read as `exe.jpg`), other invisible format characters and lone surrogates. U+200D stays: it joins emoji.
 */
const UNPRINTABLE = /(?!\u200D)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/** Shows what cannot be seen or would act as `\u{202e}`; everything else stays as it is. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, character => `\\u{${character.codePointAt(0)!.toString(16)}}`)
}
