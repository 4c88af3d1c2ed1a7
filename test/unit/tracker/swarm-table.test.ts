import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { DOWNLOADED, SHARD_SWARMS, SHARDS, SwarmTable } from '../../../src/tracker/swarm-table.ts'
import { infoHashOf } from '../../support/swarm-announces.ts'

function table(memoryLimit = 2 ** 20): SwarmTable {
  return SwarmTable.create({ memoryLimit, keepsPeerIds: true, seed: 42 })
}

function insert(t: SwarmTable, number: number): number {
  t.aim(infoHashOf(number))
  return t.insert()
}

suite('SwarmTable', () => {
  test('finds what was inserted, and nothing else', () => {
    const t = table()
    const records = Array.from({ length: 5000 }, (_, i) => insert(t, i))
    for (const [i, record] of records.entries()) {
      t.aim(infoHashOf(i))
      assert.equal(t.find(), record)
    }
    t.aim(infoHashOf(5000))
    assert.equal(t.find(), 0)
  })

  test('gives empty records, even where an old one was', () => {
    const t = table()
    const record = insert(t, 1)
    t.memory.words[record + DOWNLOADED] = 9
    removeAll(t)
    assert.equal(t.memory.words[insert(t, 1) + DOWNLOADED], 0)
  })

  test('takes out what is not to be kept, and counts what is there', () => {
    const t = table()
    const kept = new Set<number>()
    for (let i = 0; i < 1000; i++) {
      const record = insert(t, i)
      if (i % 3 === 0) kept.add(record)
    }
    for (let bucket = 0; bucket < t.bucketCount; bucket++) t.filter(bucket, record => kept.has(record))
    assert.equal(swarmCount(t), kept.size)
    for (let i = 0; i < 1000; i++) {
      t.aim(infoHashOf(i))
      assert.equal(t.find() !== 0, i % 3 === 0)
    }
  })

  test('says so when memory is at its end', () => {
    const t = table()
    let swarms = 0
    while (swarms < 100_000 && insert(t, swarms) !== 0) swarms++
    assert.ok(swarms > 10_000 && swarms < 16_000, `${swarms} swarms in a mebibyte`)
  })

  test('gives every part of itself a turn', () => {
    const t = table()
    const seen = new Set<number>()
    for (let i = 0; i < t.bucketCount / 16; i++) seen.add(t.takeTurn(16))
    assert.equal(seen.size, t.bucketCount / 16)
    assert.equal(t.takeTurn(16), 0)
  })

  test('looks for swarms to give up in one shard', () => {
    const t = table()
    for (let i = 0; i < 1000; i++) assert.equal(t.shardOf(t.nextToEvict(7)), 7)
  })

  test('reads what it is from memory that another one made', () => {
    const first = table()
    const record = insert(first, 1)
    const second = new SwarmTable(first.memory)
    second.aim(infoHashOf(1))
    assert.equal(second.find(), record)
    assert.equal(second.bucketCount, first.bucketCount)
    assert.equal(second.keepsPeerIds, true)
  })
})

function removeAll(t: SwarmTable): void {
  for (let bucket = 0; bucket < t.bucketCount; bucket++) t.filter(bucket, () => false)
}

function swarmCount(t: SwarmTable): number {
  let swarms = 0
  for (let shard = 0; shard < SHARDS; shard++) swarms += t.memory.words[t.shardAt(shard) + SHARD_SWARMS]!
  return swarms
}
