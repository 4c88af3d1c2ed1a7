import type { TorrentId } from '../core/ids.ts'
import { CLIENT_LIMITS } from './limits.ts'
import type { AddOptions } from './session-options.ts'
import type { SessionState } from './session-ports.ts'
import { decodeSettings, encodeSettings, type TorrentSettings } from './torrent-settings.ts'

/** The name of a torrent's settings in the state. */
const NAME = 'settings.json'

/** What was said of torrents, from session to session. */
export class SettingsStore {
  readonly #state: SessionState

  constructor(state: SessionState) {
    this.#state = state
  }

  /**
   * Nothing where nothing was said, or it cannot be understood. Rejects with a `StorageError` where the disk refuses: taken
   * for nothing it would be written over, and with it where the torrent lies.
   */
  async load(id: TorrentId): Promise<TorrentSettings> {
    const bytes = await this.#state.read(id, NAME)
    return bytes === null || bytes.length > CLIENT_LIMITS.settingsLength ? {} : decodeSettings(bytes)
  }

  save(id: TorrentId, settings: TorrentSettings): Promise<void> {
    return this.#state.replace(id, NAME, encodeSettings(settings))
  }
}

/** What was remembered, and over it what is said now. */
export function settingsFor(remembered: TorrentSettings, said: AddOptions): TorrentSettings {
  const { isPaused, isForced, isSuperSeeding, goals, downloadLimit, uploadLimit } = said
  return {
    ...remembered,
    ...(isPaused !== undefined && { isPaused }),
    ...(isForced !== undefined && { isForced }),
    ...(isSuperSeeding !== undefined && { isSuperSeeding }),
    ...(goals !== undefined && { goals }),
    ...(downloadLimit !== undefined && { downloadLimit }),
    ...(uploadLimit !== undefined && { uploadLimit }),
  }
}
