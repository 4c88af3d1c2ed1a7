import type { Geometry } from '../metainfo/geometry.ts'
import type { Info } from '../metainfo/info.ts'
import { DEFAULT_PRIORITY } from '../swarm/piece-ranks.ts'

/** How much a file is wanted; `skip`: not at all. */
export type FilePriority = 'skip' | 'low' | 'normal' | 'high'

const NUMBERS: { readonly [priority in FilePriority]: number } = {
  skip: 0,
  low: DEFAULT_PRIORITY - 2,
  normal: DEFAULT_PRIORITY,
  high: DEFAULT_PRIORITY + 2,
}

/** Which files are to be fetched. */
export type SelectedFiles = (file: number, path: string) => boolean

/** Which files of a torrent are wanted, how much, and in which order. Outlives what a rest takes away. */
export class FileChoice {
  readonly #selected: SelectedFiles
  /** From the first to the last piece instead of rarest first. */
  isSequential: boolean
  /** A number a file (`PiecePicker.setPriority`); null until one is changed. */
  #priorities: Uint8Array | null = null

  /** `digits`: what an earlier session chose; of no use where they are not as many as the files. */
  constructor(options: { selected: SelectedFiles; isSequential: boolean; digits?: string | undefined }) {
    this.#selected = options.selected
    this.isSequential = options.isSequential
    if (options.digits !== undefined) this.#priorities = Uint8Array.from(options.digits, Number)
  }

  /** What was changed, to be remembered; null: nothing. */
  get digits(): string | null {
    return this.#priorities && this.#priorities.join('')
  }

  isWanted(info: Info, file: number): boolean {
    return this.#numberOf(info, file) > 0
  }

  of(info: Info, file: number): FilePriority {
    const number = this.#numberOf(info, file)
    return (Object.keys(NUMBERS) as FilePriority[]).find(name => NUMBERS[name] === number) ?? 'skip'
  }

  /** The same with some files changed: those that `priorityOf` says something of. */
  changed(info: Info, priorityOf: (file: number) => FilePriority | null): FileChoice {
    const choice = new FileChoice({ selected: this.#selected, isSequential: this.isSequential })
    choice.#priorities = Uint8Array.from(info.files, (_, file) => {
      const priority = info.files[file]?.isPad ? null : priorityOf(file)
      return priority === null ? this.#numberOf(info, file) : NUMBERS[priority]
    })
    return choice
  }

  /** Takes over what another chose. */
  become(other: FileChoice): void {
    this.#priorities = other.#priorities
  }

  /** What is wanted of each piece: as much as of that of its files that is wanted most. */
  ofPieces(info: Info): Uint8Array {
    return priorityOfPieces(info.geometry, file => this.#numberOf(info, file))
  }

  #numberOf(info: Info, file: number): number {
    const entry = info.files[file]
    if (!entry || entry.isPad) return 0
    const { length } = info.files
    if (this.#priorities?.length === length) return this.#priorities[file]!
    return this.#selected(file, entry.displayPath) ? DEFAULT_PRIORITY : 0
  }
}

function priorityOfPieces(geometry: Geometry, priorityOf: (file: number) => number): Uint8Array {
  const pieces = new Uint8Array(geometry.pieceCount)
  for (let file = 0; file < geometry.fileCount; file++) {
    const priority = priorityOf(file)
    if (priority === 0) continue
    const { first, end } = geometry.piecesOf(file)
    for (let piece = first; piece < end; piece++) pieces[piece] = Math.max(pieces[piece]!, priority)
  }
  return pieces
}
