import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import {
  clockFinding,
  type Finding,
  filesFinding,
  type FolderProbe,
  folderFinding,
  mappingFinding,
  nodeFinding,
  portsFinding,
  trackerFindings,
} from '../../../src/cli/doctor-findings.ts'
import { address } from '../../../src/core/address.ts'
import { UsageError } from '../../../src/core/errors.ts'
import type { PortMapping } from '../../../src/portmap/port-mapping.ts'

const TCP: PortMapping = {
  transport: 'tcp',
  localHost: '192.168.7.20',
  internalPort: 6881,
  externalPort: 50_001,
  externalHost: '81.2.69.142',
  method: 'pcp',
  gateway: '192.168.7.1',
}
const UDP: PortMapping = { ...TCP, transport: 'udp' }
const FOLDER: FolderProbe = {
  name: 'target',
  path: '/downloads',
  error: null,
  free: 50 * 2 ** 30,
  fileSystem: 0xef53,
  syncTime: 4.4,
}

/** Who finds something wrong says what to do, and nobody else does. */
function is(finding: Finding, verdict: string, message: RegExp): void {
  assert.equal(finding.verdict, verdict, finding.message)
  assert.match(finding.message, message)
  assert.equal(finding.advice !== null, verdict === 'warn' || verdict === 'fail')
}

suite('what doctor finds', () => {
  test('of Node', () => {
    for (const version of ['24.11.0', '24.21.0', '25.0.0']) is(nodeFinding(version), 'ok', /Node 2/)
    for (const version of ['24.10.9', '22.99.0', '20.19.1', 'x']) is(nodeFinding(version), 'fail', /too old/)
  })

  test('of open files', () => {
    is(filesFinding(Number.POSITIVE_INFINITY), 'ok', /any number/)
    is(filesFinding(1024), 'ok', /1024/)
    is(filesFinding(1023), 'warn', /too few/)
    is(filesFinding(256), 'warn', /too few/)
    is(filesFinding(255), 'fail', /too few/)
    is(filesFinding(null), 'skipped', /no limit/)
  })

  test('of ports', () => {
    is(
      portsFinding([address('0.0.0.0', 6881), address('::', 6881)], null),
      'ok',
      /0\.0\.0\.0:6881, \[::\]:6881/,
    )
    is(portsFinding([], null), 'fail', /nothing/)
    is(portsFinding([], new UsageError('port-in-use', 'port 6881 is in use')), 'fail', /in use/)
  })

  test('of routers', () => {
    is(mappingFinding(null), 'skipped', /--no-port-map/)
    is(mappingFinding({ mappings: [], failure: null }), 'skipped', /no router stands/)
    is(mappingFinding({ mappings: [], failure: 'no router answers' }), 'warn', /no router answers/)
    const good = /192\.168\.7\.1 forwards 81\.2\.69\.142 port 50001 \(TCP and UDP, pcp\)/
    is(mappingFinding({ mappings: [TCP, UDP], failure: null }), 'ok', good)
    is(mappingFinding({ mappings: [UDP], failure: null }), 'warn', /\(UDP, pcp\) alone/)
    const unnamed = [TCP, UDP].map(mapping => ({ ...mapping, externalHost: null }))
    is(mappingFinding({ mappings: unnamed, failure: null }), 'ok', /forwards its port 50001/)
  })

  test('of two routers in a row', () => {
    for (const externalHost of ['192.168.1.7', '10.0.0.9', '100.64.3.4']) {
      const mappings = [TCP, UDP].map(mapping => ({ ...mapping, externalHost }))
      is(mappingFinding({ mappings, failure: null }), 'warn', /another router stands before it/)
    }
  })

  test('of folders', () => {
    const finding = folderFinding(FOLDER)
    assert.equal(finding.check, 'target folder')
    is(finding, 'ok', /^\/downloads, ext4, 50\.0 GiB free, synced in 4 ms$/)
    is(folderFinding({ ...FOLDER, free: null, fileSystem: 12345, syncTime: null }), 'ok', /^\/downloads$/)
    is(folderFinding({ ...FOLDER, error: 'EACCES' }), 'fail', /\/downloads: EACCES/)
    is(folderFinding({ ...FOLDER, free: 2 ** 30 - 1 }), 'warn', /little room/)
    is(folderFinding({ ...FOLDER, free: 2 ** 30 }), 'ok', /1\.0+ GiB/)
    is(folderFinding({ ...FOLDER, fileSystem: 0x4d44 }), 'warn', /FAT.*4 GiB/)
    is(folderFinding({ ...FOLDER, fileSystem: 0x01021994 }), 'warn', /tmpfs.*memory/)
    for (const fileSystem of [0x6969, 0xff534d42, 0xfe534d42])
      is(folderFinding({ ...FOLDER, fileSystem }), 'warn', /another machine/)
    is(folderFinding({ ...FOLDER, syncTime: 1000 }), 'ok', /1000 ms/)
    is(folderFinding({ ...FOLDER, syncTime: 1001 }), 'warn', /slow/)
  })

  test('of trackers', () => {
    const verdicts = (errors: (string | null)[]): string[] =>
      trackerFindings(errors.map((error, at) => ({ tracker: `http://${at}.example/`, error }))).map(
        ({ verdict }) => verdict,
      )
    assert.deepEqual(verdicts([null, null]), ['ok', 'ok'])
    assert.deepEqual(verdicts([null, 'silent']), ['ok', 'warn'])
    assert.deepEqual(verdicts(['silent', 'gone']), ['fail', 'fail'])
    assert.deepEqual(verdicts([]), ['skipped'])
    is(trackerFindings(null)[0]!, 'skipped', /shoal doctor TORRENT/)
    const [named] = trackerFindings([{ tracker: 'udp://a/', error: 'the tracker udp://a/ is silent' }])
    is(named!, 'fail', /^the tracker/)
  })

  test('of the clock', () => {
    is(clockFinding(null), 'skipped', /told the time/)
    for (const seconds of [0, 0.4, 120, -120]) is(clockFinding(seconds), 'ok', /s off/)
    is(clockFinding(121), 'warn', /121 s ahead/)
    is(clockFinding(-3600), 'warn', /3600 s behind/)
  })
})
