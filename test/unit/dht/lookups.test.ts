import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { asDict } from '../../../src/bencode/bencode.ts'
import { decodeBencode } from '../../../src/bencode/decode.ts'
import { encodeBencode } from '../../../src/bencode/encode.ts'
import { address } from '../../../src/core/address.ts'
import { DHT_LIMITS } from '../../../src/dht/limits.ts'
import { Lookups } from '../../../src/dht/lookups.ts'
import type { Asker, Response } from '../../../src/dht/questions.ts'

const NODE = { id: new Uint8Array(20).fill(1), address: address('127.0.0.1', 1) }

function bench() {
  const asked: { readonly method: string; readonly asker: Asker }[] = []
  const lookups = new Lookups({
    contacts: () => [NODE],
    routers: () => [],
    ask: (_, method, _args, asker) => {
      asked.push({ method, asker })
      return true
    },
    contactsIn: () => [],
  })
  const heard: string[] = []
  const begin = (name: string) =>
    lookups.begin(
      {
        target: NODE.id,
        method: name,
        args: {},
        heard: values => heard.push(`${name} heard ${values.size}`),
        done: ({ closest }) =>
          heard.push(`${name} done ${closest.map(({ token }) => token?.length ?? null).join()}`),
      },
      0,
    )
  return { lookups, asked, heard, begin }
}

function response(token: string): Response {
  const values = asDict(decodeBencode(encodeBencode({ token })))!
  return { type: 'response', transaction: new Uint8Array(4), id: NODE.id, values, seenAt: null }
}

suite('lookups', () => {
  it('ask, hear and end, with the token of each node', () => {
    const { asked, heard, begin } = bench()
    begin('get')
    assert.equal(asked[0]?.method, 'get')
    asked[0]!.asker.answered(response('abc'), 0)
    assert.deepEqual(heard, ['get heard 1', 'get done 3'])
  })

  it('keep no token that is too long', () => {
    const { asked, heard, begin } = bench()
    begin('get')
    asked[0]!.asker.answered(response('x'.repeat(DHT_LIMITS.tokenLength + 1)), 0)
    assert.deepEqual(heard.at(-1), 'get done ')
  })

  it('wait for each other where there are too many', () => {
    const { asked, begin, heard } = bench()
    for (let i = 0; i < DHT_LIMITS.lookupsAtOnce; i++) begin(`early ${i}`)
    begin('late')
    assert.equal(asked.length, DHT_LIMITS.lookupsAtOnce)
    asked[0]!.asker.silent(0)
    assert.equal(asked.at(-1)?.method, 'late')
    assert.deepEqual(heard, ['early 0 done '])
  })

  it('say nothing more when they are taken back, under way or waiting', () => {
    const { lookups, asked, begin, heard } = bench()
    const cancels = Array.from({ length: DHT_LIMITS.lookupsAtOnce + 1 }, (_, i) => begin(String(i)))
    for (const cancel of cancels) cancel()
    for (const { asker } of asked.splice(0)) asker.answered(response('abc'), 0)
    assert.deepEqual([heard, asked.length], [[], 0])
    assert.equal(lookups.deadline(), Number.POSITIVE_INFINITY)
  })

  it('end with their time', () => {
    const { lookups, begin, heard } = bench()
    begin('get')
    assert.equal(lookups.deadline(), DHT_LIMITS.lookupTime)
    lookups.tick(DHT_LIMITS.lookupTime)
    assert.deepEqual(heard, ['get done '])
  })
})
