import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { latin1Bytes, latin1Text, utf8Bytes } from '../../../src/core/bytes.ts'
import {
  decodeExtendedHandshake,
  encodeExtendedHandshake,
  extensionNames,
  NOTHING_SAID,
} from '../../../src/wire/extension.ts'
import { WIRE_LIMITS } from '../../../src/wire/limits.ts'

function decode(text: string) {
  return decodeExtendedHandshake(latin1Bytes(text))
}

suite('encodeExtendedHandshake', () => {
  it('names what we speak, and nothing that is not known', () => {
    assert.equal(
      latin1Text(encodeExtendedHandshake({})),
      'd1:md11:lt_donthavei2e11:upload_onlyi3e11:ut_metadatai1eee',
    )
  })

  it('says all that was given, in the order of bencode', () => {
    const bytes = encodeExtendedHandshake({
      listenPort: 6881,
      version: 'shoal 0.1',
      metadataSize: 1234,
      reqq: 500,
      isUploadOnly: true,
      yourIp: new Uint8Array([65, 66, 67, 68]),
      names: ['ut_pex'],
    })
    assert.equal(
      latin1Text(bytes),
      'd1:md11:lt_donthavei2e11:upload_onlyi3e11:ut_metadatai1e6:ut_pexi4ee' +
        '13:metadata_sizei1234e1:pi6881e4:reqqi500e11:upload_onlyi1e1:v9:shoal 0.16:yourip4:ABCDe',
    )
    assert.deepEqual(extensionNames({ names: ['ut_pex'] }), [
      'ut_metadata',
      'lt_donthave',
      'upload_only',
      'ut_pex',
    ])
  })
})

suite('decodeExtendedHandshake', () => {
  it('reads what libtorrent says', () => {
    const said = decode(
      'd12:complete_agoi-1e1:md11:lt_donthavei7e10:share_modei8e11:upload_onlyi3e12:ut_holepunchi4e11:ut_metadatai2e' +
        '6:ut_pexi1ee13:metadata_sizei31235e4:reqqi2000e11:upload_onlyi1e1:v18:libtorrent/2.0.8.06:yourip4:\x7f\0\0\x01e',
    )
    assert.equal(said.ids.get('ut_metadata'), 2)
    assert.equal(said.ids.get('lt_donthave'), 7)
    assert.equal(said.metadataSize, 31235)
    assert.equal(said.reqq, 2000)
    assert.equal(said.isUploadOnly, true)
    assert.equal(said.version, 'libtorrent/2.0.8.0')
    assert.deepEqual(said.yourIp, new Uint8Array([127, 0, 0, 1]))
    assert.equal(said.listenPort, null)
  })

  it('reads what Transmission says', () => {
    const said = decode(
      'd1:ei1e4:ipv616:0123456789abcdef1:md11:upload_onlyi3e11:ut_metadatai3e6:ut_pexi1ee13:metadata_sizei200e' +
        '1:pi51413e4:reqqi512e11:upload_onlyi0e1:v17:Transmission 3.00e',
    )
    assert.equal(said.ids.get('ut_metadata'), 3)
    assert.equal(said.listenPort, 51413)
    assert.equal(said.reqq, 512)
    assert.equal(said.isUploadOnly, false)
    assert.equal(said.ipv6?.length, 16)
  })

  it('reads what aria2 says', () => {
    const said = decode('d1:md11:ut_metadatai9e6:ut_pexi8ee13:metadata_sizei77e1:pi6881e1:v12:aria2/1.36.0e')
    assert.deepEqual(
      [...said.ids],
      [
        ['ut_metadata', 9],
        ['ut_pex', 8],
      ],
    )
    assert.equal(said.version, 'aria2/1.36.0')
  })

  it('reads the example of BEP 10', () => {
    const said = decode('d1:md11:LT_metadatai1e6:\xc2\xb5T_PEi2ee1:pi6881e1:v13:\xc2\xb5Torrent 1.2e')
    assert.equal(said.version, 'µTorrent 1.2')
    assert.equal(said.ids.get('LT_metadata'), 1)
  })

  it('takes an empty dictionary for nothing said', () => {
    assert.deepEqual(decode('de'), NOTHING_SAID)
  })

  it('adds to what was said before, and takes away what is 0 now', () => {
    const first = decode('d1:md11:ut_metadatai1e6:ut_pexi2ee1:pi1000e1:v1:xe')
    const second = decodeExtendedHandshake(
      latin1Bytes('d1:md6:ut_pexi0e11:lt_donthavei5ee13:metadata_sizei9ee'),
      first,
    )
    assert.deepEqual(
      [...second.ids],
      [
        ['ut_metadata', 1],
        ['lt_donthave', 5],
      ],
    )
    assert.equal(second.listenPort, 1000)
    assert.equal(second.metadataSize, 9)
    assert.deepEqual([...first.ids.keys()], ['ut_metadata', 'ut_pex'])
  })

  const passedOver: [name: string, text: string][] = [
    ['m that is a list', 'd1:mlee'],
    ['ids that are texts', 'd1:md11:ut_metadata1:1ee'],
    ['ids below 1 and above 255', 'd1:md1:ai-1e1:bi256e1:ci99999999999ee e'.replace(' ', '')],
    ['ports 0 and 65536', 'd1:pi65536ee'],
    ['a port that is a text', 'd1:p4:6881e'],
    ['a version that is a number', 'd1:vi5ee'],
    ['a version without characters', 'd1:v0:e'],
    ['a metadata size of 0', 'd13:metadata_sizei0ee'],
    ['a negative metadata size', 'd13:metadata_sizei-1ee'],
    ['a metadata size that no number holds', 'd13:metadata_sizei18446744073709551615ee'],
    ['a negative reqq', 'd4:reqqi-5ee'],
    ['an address of five bytes', 'd6:yourip5:abcdee'],
    ['addresses of the wrong family', 'd4:ipv416:0123456789abcdef4:ipv64:abcde'],
    ['upload_only that is a text', 'd11:upload_only1:1e'],
    ['unknown keys, __proto__ among them', 'd9:__proto__d1:pi1ee3:foolee'],
  ]
  for (const [name, text] of passedOver) {
    it(`passes over ${name}`, () => assert.deepEqual(decode(text), NOTHING_SAID))
  }

  it('keeps names that are properties of objects apart from them', () => {
    assert.equal(decode('d1:md9:__proto__i4e11:constructori5eee').ids.get('__proto__'), 4)
    assert.equal(NOTHING_SAID.ids.get('constructor'), undefined)
  })

  it('cuts the version and shows what would act on a terminal', () => {
    assert.equal(decode(`d1:v100:${'a'.repeat(100)}e`).version, 'a'.repeat(WIRE_LIMITS.clientNameLength))
    const escape = decode('d1:v5:a\x1b[2Je').version
    assert.equal(escape, 'a\\u{1b}[2J')
  })

  it('believes a queue of 2000 at most', () => {
    assert.equal(decode('d4:reqqi2147483648ee').reqq, WIRE_LIMITS.remoteQueueLength)
  })

  it('keeps 64 names, and what we speak beyond them', () => {
    const names = Array.from({ length: 200 }, (_, i) => `4:a${String(i).padStart(3, '0')}i9e`).join('')
    const said = decode(`d1:md${names}11:ut_metadatai9eee`)
    assert.equal(said.ids.size, WIRE_LIMITS.extensionNames + 1)
    assert.equal(said.ids.get('ut_metadata'), 9)
    assert.equal(decode(`d1:md65:${'n'.repeat(65)}i9eee`).ids.size, 0)
  })

  const broken = [
    '',
    'x',
    'i1e',
    'le',
    'd',
    'd1:m',
    'd1:md',
    `d1:a${'l'.repeat(40)}${'e'.repeat(40)}e`,
    'di1ei2ee',
  ]
  for (const text of broken) {
    it(`refuses ${JSON.stringify(text.slice(0, 20))}`, () => {
      assert.throws(() => decode(text), { code: 'extended-handshake-invalid' })
    })
  }

  it('refuses ten thousand names', () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `5:${String(i).padStart(5, '0')}i1e`).join('')
    assert.throws(() => decodeExtendedHandshake(utf8Bytes(`d1:md${names}ee`)), {
      code: 'extended-handshake-invalid',
    })
  })
})
