import { address } from '../../src/core/address.ts'
import { type BitTorrentError, StorageError } from '../../src/core/errors.ts'
import type { SlownessCode } from '../../src/client/slowness.ts'
import type { TorrentHandle } from '../../src/client/torrent-handle.ts'
import { decodeAnnounceResponse } from '../../src/tracker/http-codec.ts'
import type { MemoryDisk } from '../../src/storage/memory-storage.ts'
import type { Content } from './content.ts'
import { FakePeer, say } from './fake-peer.ts'
import { FakeSeed } from './fake-seed.ts'
import { type Lie, liarAt } from './metadata-liar.ts'
import type { SimClient } from './sim-client.ts'
import type { Stage } from './story.ts'

const KIB = 1024

/** The session that suffers. */
export interface Scene {
  readonly stage: Stage
  readonly victim: SimClient
  /** Of its folders that have one of their own. */
  diskOf(folder: string): MemoryDisk
  /** Codes of what it refused. */
  readonly refused: string[]
}

/** What a session has to live with: a torrent that is broken, or whose peers or tracker are. */
export interface Plague {
  /** Is added to the session, and does its worst from then on. */
  begin(scene: Scene): Promise<TorrentHandle | null>
  /** What the session says of it: the codes of its errors, and of why its peers were cut off. */
  readonly says?: readonly string[]
  /** Why it is not faster (`explain`), in the end. */
  readonly explains?: SlownessCode
}

/** Nobody else's; no tracker knows of it. */
function contentOf(stage: Stage, name: string, pieces = 16): Content {
  return stage.newContent({ name, files: pieces * 64 * KIB, pieceLength: 64 * KIB, trackers: [] })
}

async function withSeed({ stage, victim }: Scene, name: string, folder: string): Promise<TorrentHandle> {
  const content = contentOf(stage, name)
  const seed = await stage.newSeed(content)
  return victim.add(content, { peers: [seed.address], folder })
}

export const PLAGUES: Record<string, Plague> = {
  'its disk fails': {
    says: ['disk-error'],
    async begin(scene) {
      const torrent = await withSeed(scene, 'failing', 'failing')
      const disk = scene.diskOf('failing')
      scene.stage.after(100, () => {
        disk.fault = new StorageError('disk-error', 'the disk hums', { path: 'failing', systemCode: 'EIO' })
      })
      return torrent
    },
  },
  'its folder may not be written': {
    says: ['storage-denied'],
    begin(scene) {
      const fault = new StorageError('storage-denied', 'the folder is not yours', { path: 'denied' })
      scene.diskOf('denied').fault = fault
      return withSeed(scene, 'denied', 'denied')
    },
  },
  'its file vanishes while it seeds': {
    says: ['file-missing'],
    async begin({ stage, victim }) {
      const content = contentOf(stage, 'vanishing')
      content.putOn(victim.disk)
      const torrent = await victim.add(content)
      await stage.settled(torrent.checked())
      victim.disk.files.delete('vanishing')
      const leech = await stage.newClient()
      await leech.add(content, { peers: [victim.address] })
      return torrent
    },
  },
  'its trackers answer nothing, or rubbish': {
    says: ['tracker-answer-invalid'],
    async begin({ stage, victim }) {
      stage.newTracker({}, 'http://silent/').trouble = 'silent'
      const rubbish = stage.newTracker({}, 'http://rubbish/')
      rubbish.announce = async () => decodeAnnounceResponse(stage.randomBytes(500))
      const content = contentOf(stage, 'lonely')
      return victim.add(content, { trackers: ['http://rubbish/', 'http://silent/'] })
    },
  },
  'all its peers lie': {
    says: ['peer-banned'],
    async begin({ stage, victim }) {
      const content = contentOf(stage, 'lied-about')
      const block = (_piece: number, _begin: number, right: Uint8Array): Uint8Array => right.fill(0x55)
      const liars = []
      for (let i = 0; i < 6; i++) liars.push(await FakeSeed.open(stage, content, { block }))
      return victim.add(content, { peers: liars.map(liar => liar.address) })
    },
  },
  'its peers send rubbish': {
    says: ['have-out-of-range', 'message-too-long', 'piece-too-long'],
    async begin({ stage, victim }) {
      const content = contentOf(stage, 'noisy')
      const rubbish = [
        say.have(1 << 30),
        Uint8Array.of(0x7f, 0xff, 0xff, 0xff, 99),
        Uint8Array.of(0x7f, 0xff, 0xff, 0xff, 7),
        stage.randomBytes(100_000),
      ]
      const peers = []
      for (const bytes of rubbish) peers.push(await mutePeer(stage, peer => peer.say(bytes)))
      return victim.add(content, { peers })
    },
  },
  'its metadata is false': {
    says: ['metadata-corrupt'],
    async begin({ stage, victim }) {
      const content = contentOf(stage, 'forged')
      const at = stage.network.newHost()
      const lie: Lie = { size: right => right, answer: (_, right) => right.fill(0x41, 0, 20) }
      await liarAt(stage, content, lie, at)
      return victim.addMagnet(content.magnet, { peers: [address(at.at, 7000)] })
    },
  },
  'what is added is no torrent': {
    says: ['bencode-unexpected-byte', 'bencode-string-too-long'],
    async begin({ stage, victim, refused }) {
      const { torrentFile } = contentOf(stage, 'cut short')
      for (const bytes of [stage.randomBytes(10_000), torrentFile.subarray(0, 100)]) {
        await victim.add({ torrentFile: bytes }).then(
          () => stage.faults.push(new Error('rubbish was taken for a torrent')),
          (error: BitTorrentError) => refused.push(error.code),
        )
      }
      return null
    },
  },
  'its disk hangs': {
    explains: 'not-begun',
    begin: scene => withSeed(scene, 'hanging', 'hanging'),
  },
  'its peers are at addresses where nobody is': {
    explains: 'no-peer-answers',
    async begin({ stage, victim }) {
      const peers = Array.from({ length: 1000 }, (_, i) => address(`10.200.${i >> 8}.${i & 255}`, 6881))
      return victim.add(contentOf(stage, 'deserted'), { peers })
    },
  },
  'it has more peers than there are connections, and none gives anything': {
    explains: 'all-choke-us',
    async begin({ stage, victim }) {
      let last: TorrentHandle | null = null
      for (let i = 0; i < 4; i++) {
        const peers = []
        for (let j = 0; j < 70; j++) peers.push(await mutePeer(stage, () => undefined))
        last = await victim.add(contentOf(stage, `crowded ${i}`), { peers })
      }
      return last
    },
  },
}

/** Somebody who says that he has everything, and then what the plague wants; and gives nothing. */
async function mutePeer(stage: Stage, greeted: (peer: FakePeer) => void) {
  const host = stage.network.newHost()
  await FakePeer.listen(host, address(host.at, 7000), peer => {
    peer.onHandshake = ({ infoHash }) => {
      peer.greet({ infoHash })
      peer.say(say.haveAll)
      greeted(peer)
    }
  })
  return address(host.at, 7000)
}
