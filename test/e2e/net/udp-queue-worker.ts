/** Runs where the system takes nothing within the turn, so that what is sent has to wait: see udp.test.ts. */

import { parentPort, workerData } from 'node:worker_threads'
import { address } from '../../../src/core/address.ts'
import { UdpNetwork } from '../../../src/net/udp.ts'
import { DatagramRecorder } from '../../contract/datagram-recorder.ts'

const { sendQueue, count } = workerData as { sendQueue: number; count: number }
const network = new UdpNetwork({ sendQueue })
const here = await network.bind(address('127.0.0.1', 0), () => {})
const there = await DatagramRecorder.bind(network, address('127.0.0.1', 0))
for (let mark = 0; mark < count; mark++) here.send(Uint8Array.of(mark), there.local)
const { dropped } = here
await there.until(count - dropped)
here.send(Uint8Array.of(255), there.local)
await there.until(count - dropped + 1)
await Promise.all([here.close(), there.socket.close()])
parentPort?.postMessage({ dropped, marks: there.marks })
