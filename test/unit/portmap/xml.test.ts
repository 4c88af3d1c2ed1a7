import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { utf8Bytes } from '../../../src/core/bytes.ts'
import { PORTMAP_LIMITS } from '../../../src/portmap/limits.ts'
import { childText, elementsOf, escapeXml, parseXml } from '../../../src/portmap/xml.ts'

const parse = (text: string) => parseXml(utf8Bytes(text))
const nested = (depth: number) => parse('<a>'.repeat(depth) + '</a>'.repeat(depth))

suite('parseXml', () => {
  test('reads elements and text, without prefixes, attributes, comments and instructions', () => {
    const root = parse(
      '\uFEFF<?xml version="1.0"?><!-- <x> --><s:a xmlns:s="u>v" y=\'"\'>\n 1 <b/><c >2<!-- --></c\n>3 </s:a> \n',
    )
    assert.deepEqual(root, {
      name: 'a',
      text: '1 3',
      children: [
        { name: 'b', text: '', children: [] },
        { name: 'c', text: '2', children: [] },
      ],
    })
  })

  test('knows the five entities, numbers and CDATA', () => {
    assert.equal(
      parse('<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x1F600;<![CDATA[<b>&amp;]]></a>')?.text,
      `<>&"'A😀<b>&amp;`,
    )
  })

  for (const text of [
    '',
    'text',
    '<a>',
    '</a>',
    '<a></b>',
    '<a></a><b></b>',
    '<a></a>x',
    'x<a></a>',
    '<a><b></a></b>',
    '<a',
    '<a "',
    '<a <b></a>',
    '< a></a>',
    '<1></1>',
    '<a"></a">',
    '<!DOCTYPE a><a></a>',
    '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    '<a><!ENTITY b "c"></a>',
    '<a>&b;</a>',
    '<a>&</a>',
    '<a>&amp</a>',
    '<a>&#0;</a>',
    '<a>&#xD800;</a>',
    '<a>&#x110000;</a>',
    '<a>&#99999999999;</a>',
    '<a><!-- </a>',
    '<?xml <a></a>',
    '<a><![CDATA[</a>',
    '<![CDATA[x]]>',
    '\u0000<a></a>',
  ]) {
    test(`refuses ${JSON.stringify(text)}`, () => assert.equal(parse(text), null))
  }

  test('reads down to its depth and no deeper', () => {
    assert.notEqual(nested(PORTMAP_LIMITS.documentDepth), null)
    assert.equal(nested(PORTMAP_LIMITS.documentDepth + 1), null)
  })

  test('reads so many elements and no more', () => {
    const wide = (count: number) => parse(`<a>${'<b/>'.repeat(count - 1)}</a>`)
    assert.notEqual(wide(PORTMAP_LIMITS.documentElements), null)
    assert.equal(wide(PORTMAP_LIMITS.documentElements + 1), null)
  })

  test('reads so many bytes and no more', () => {
    const long = (length: number) => parse(`<a>${' '.repeat(length - 7)}</a>`)
    assert.notEqual(long(PORTMAP_LIMITS.documentLength), null)
    assert.equal(long(PORTMAP_LIMITS.documentLength + 1), null)
  })

  test('is not slowed down by documents that never end', () => {
    for (const part of ['<', '<a ', '&', '&#', '<!--', '<![CDATA[', '<?', '<a x="', '</']) {
      const text = part.repeat(Math.floor(PORTMAP_LIMITS.documentLength / part.length))
      assert.equal(parse(`<a>${text}`.slice(0, PORTMAP_LIMITS.documentLength)), null, part)
    }
  })

  test('keeps names that mean something to JavaScript apart', () => {
    const root = parse('<__proto__><constructor>1</constructor></__proto__>')
    assert.equal(childText(root!, 'constructor'), '1')
    assert.equal(childText(root!, 'toString'), null)
  })
})

test('elementsOf goes through a document in its order', () => {
  const names = [...elementsOf(parse('<a><b><c/></b><d/></a>')!)].map(({ name }) => name)
  assert.deepEqual(names, ['a', 'b', 'c', 'd'])
})

test('escapeXml writes what parseXml reads', () => {
  const text = `<a>&"' ]]>`
  assert.equal(parse(`<x>${escapeXml(text)}</x>`)?.text, text)
})
