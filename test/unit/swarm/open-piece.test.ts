import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OpenPiece } from '../../../src/swarm/open-piece.ts'

const ann = { name: 'ann' }
const ben = { name: 'ben' }
const cem = { name: 'cem' }

describe('OpenPiece', () => {
  it('hands out its blocks from the first to the last', () => {
    const open = new OpenPiece(0, 3, false)
    const taken: number[] = []
    for (let block = open.nextFree(); block >= 0; block = open.nextFree()) {
      taken.push(block)
      open.request(block, ann)
    }
    assert.deepEqual(taken, [0, 1, 2])
    assert.equal(open.free, 0)
  })

  it('hands out again what was released', () => {
    const open = new OpenPiece(0, 3, false)
    for (const block of [0, 1, 2]) open.request(block, ann)
    assert.equal(open.release(1, ann), true)
    assert.equal(open.nextFree(), 1)
    assert.equal(open.release(1, ann), false)
    assert.equal(open.release(0, ben), false, 'ben was not asked')
  })

  it('knows whether anything ever happened to it', () => {
    const open = new OpenPiece(0, 2, false)
    assert.equal(open.isUntouched, true)
    open.request(0, ann)
    assert.equal(open.isUntouched, false)
    open.release(0, ann)
    assert.equal(open.isUntouched, true)
    open.arrived(1)
    assert.equal(open.isUntouched, false)
  })

  it('lets two peers be asked for a block, not three, and none twice', () => {
    const open = new OpenPiece(0, 1, false)
    open.request(0, ann)
    assert.equal(open.request(0, ann), false)
    assert.equal(open.request(0, ben), true)
    assert.equal(open.request(0, cem), false)
    assert.equal(open.secondRequester(0), ben)
  })

  it('keeps a block asked for while one of two is left', () => {
    const open = new OpenPiece(0, 1, false)
    open.request(0, ann)
    open.request(0, ben)
    open.release(0, ann)
    assert.equal(open.firstRequester(0), ben)
    assert.equal(open.secondRequester(0), null)
    assert.equal(open.free, 0)
    open.release(0, ben)
    assert.equal(open.free, 1)
  })

  it('counts a block that came once, asked for or not', () => {
    const open = new OpenPiece(0, 2, false)
    open.request(0, ann)
    assert.equal(open.arrived(0), true)
    assert.equal(open.arrived(0), false)
    assert.equal(open.arrived(1), true)
    assert.equal(open.arrived(7), false)
    assert.equal(open.nextFree(), -1)
    assert.equal(open.firstRequester(0), null)
    assert.equal(open.release(0, ann), false)
  })

  it('gives another the place of a second that holds it up, where the first does too', () => {
    const open = new OpenPiece(0, 2, false)
    const holdsUp = (peer: object): boolean => peer !== cem
    open.request(0, ann)
    open.request(0, ben)
    assert.equal(open.canDuplicate(0, cem), false)
    assert.equal(open.request(0, cem, holdsUp), true)
    assert.deepEqual([open.firstRequester(0), open.secondRequester(0)], [ann, cem])
    assert.equal(open.release(0, ben), false, 'its place is taken')
    assert.equal(open.request(0, ben, holdsUp), false, 'the second is fast')
    open.release(0, ann)
    assert.equal(open.firstRequester(0), cem)
    open.request(0, ann)
    assert.equal(open.request(0, ben, holdsUp), false, 'the first is fast')
  })

  it('asks nobody for blocks that are given', () => {
    const open = new OpenPiece(0, 3, false, [1, 2])
    assert.equal(open.free, 1)
    assert.equal(open.isUntouched, true)
    assert.equal(open.isArrived(2), true)
    assert.equal(open.request(1, ann), false)
    open.request(open.nextFree(), ann)
    assert.equal(open.isUntouched, false)
    assert.equal(open.nextFree(), -1)
    open.release(0, ann)
    assert.equal(open.isUntouched, true)
  })

  it('wants a block again that turned out to be wrong', () => {
    const open = new OpenPiece(0, 2, false)
    open.arrived(0)
    open.arrived(1)
    open.lost(1)
    assert.equal(open.isArrived(1), false)
    assert.equal(open.nextFree(), 1)
    open.lost(1)
    assert.equal(open.free, 1)
  })
})
