import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { AddressVotes } from '../../../src/dht/address-votes.ts'
import { DHT_DEFAULTS } from '../../../src/dht/options.ts'

const US = '198.51.100.9'
const ENOUGH = DHT_DEFAULTS.addressVotes

suite('where others see us', () => {
  it('is believed when enough networks say the same', () => {
    const votes = new AddressVotes()
    for (let i = 1; i < ENOUGH; i++) assert.equal(votes.vote(`20.${i}.0.1`, US), false)
    assert.equal(votes.host, null)
    assert.equal(votes.vote(`20.${ENOUGH}.0.1`, US), true)
    assert.equal(votes.host, US)
    assert.equal(votes.vote('20.99.0.1', US), false, 'nothing new')
  })

  it('is not believed from many hosts of one network', () => {
    const votes = new AddressVotes()
    for (let i = 0; i < 100; i++) votes.vote(`20.1.0.${i}`, US)
    assert.equal(votes.host, null)
  })

  it('is not believed where as many say otherwise', () => {
    const votes = new AddressVotes()
    for (let i = 0; i < ENOUGH; i++) votes.vote(`20.${i}.0.1`, '198.51.100.1')
    for (let i = 0; i < ENOUGH; i++) votes.vote(`21.${i}.0.1`, US)
    assert.equal(votes.host, '198.51.100.1')
    votes.vote('22.0.0.1', US)
    assert.equal(votes.host, US)
  })

  it('is no address of a network of ours, nor what such a network says', () => {
    const votes = new AddressVotes()
    for (let i = 0; i < 20; i++) {
      votes.vote(`20.${i}.0.1`, '10.0.0.1')
      votes.vote(`10.${i}.0.1`, US)
    }
    assert.equal(votes.host, null)
  })
})
