import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { NameServers } from '../../../src/net/name-servers.ts'

async function server(): Promise<{ socket: Socket; servers: NameServers }> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const servers = new NameServers({ servers: [`127.0.0.1:${socket.address().port}`] })
  return { socket, servers }
}

/** The answer to a question for one name: one record, IPv4 or IPv6 as it was asked for. */
function answerTo(question: Buffer): Buffer {
  const isIpv6 = question.readUInt16BE(question.indexOf(0, 12) + 1) === 28
  const end = question.indexOf(0, 12) + 5
  const head = Buffer.from(question.subarray(0, 12))
  head.writeUInt16BE(0x8180, 2)
  head.writeUInt16BE(1, 6)
  head.writeUInt32BE(0, 8)
  const record = isIpv6
    ? Buffer.from('c00c001c00010000003c001020010db8000000000000000000000001', 'hex')
    : Buffer.from('c00c000100010000003c0004c0000207', 'hex')
  return Buffer.concat([head, question.subarray(12, end), record])
}

test('a name is looked up in both families', async () => {
  const { socket, servers } = await server()
  socket.on('message', (question, from) => socket.send(answerTo(question), from.port, from.address))
  assert.deepEqual([...(await servers.lookup('router.example'))].toSorted(), ['192.0.2.7', '2001:db8::1'])
  servers.close()
  socket.close()
})

test('a look-up that nobody answers ends when it is taken back', async () => {
  const { socket, servers } = await server()
  const asked = once(socket, 'message')
  const looking = assert.rejects(servers.lookup('router.example'), { code: 'ECANCELLED' })
  await asked
  servers.close()
  await looking
  socket.close()
})
