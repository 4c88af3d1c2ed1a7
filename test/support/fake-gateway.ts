/** A router that speaks PCP and NAT-PMP, as its RFCs say, over whatever network: datagrams in, datagrams out. */

import { hostBytes, hostFromBytes } from '../../src/core/address.ts'
import { formatHex, readU16, readU32, writeU16, writeU32 } from '../../src/core/bytes.ts'

export class FakeGateway {
  externalHost = '81.2.69.142'
  speaksPcp = true
  speaksNatPmp = true
  /** Results of PCP and of NAT-PMP, if they are not 0. */
  refusal = 0
  /** Seconds, at most. */
  lifetime = 86_400
  /** What it gives for a port. */
  portFor = (wished: number): number => wished
  /** `tcp 6881 -> 192.168.7.20:6881`. */
  readonly mappings = new Map<string, string>()
  /** What was asked, in order. */
  readonly asked: string[] = []
  #bornAt = 0

  /** Forgets all, as when its plug was pulled. `now`: monotonic ms. */
  reboot(now: number): void {
    this.mappings.clear()
    this.#bornAt = now
  }

  /** `from`: the host that asks. Null where it says nothing. */
  answer(datagram: Uint8Array, from: string, now: number): Uint8Array | null {
    const epoch = Math.floor((now - this.#bornAt) / 1000)
    if (datagram[0] === 2 && this.speaksPcp) return this.#answerPcp(datagram, from, epoch)
    if (!this.speaksNatPmp) return null
    if (datagram[0] !== 0) return natPmp(8, 128 + datagram[1]!, 1, epoch)
    return this.#answerNatPmp(datagram, from, epoch)
  }

  #answerNatPmp(datagram: Uint8Array, from: string, epoch: number): Uint8Array {
    const opcode = datagram[1]!
    if (opcode === 0) {
      this.asked.push('nat-pmp address')
      const answer = natPmp(12, 128, this.refusal, epoch)
      answer.set(hostBytes(this.externalHost), 8)
      return answer
    }
    const internalPort = readU16(datagram, 4)
    const lifetime = Math.min(this.lifetime, readU32(datagram, 8))
    const transport = opcode === 1 ? 'udp' : 'tcp'
    this.asked.push(`nat-pmp ${transport} ${lifetime > 0 ? 'map' : 'remove'}`)
    const answer = natPmp(16, 128 + opcode, this.refusal, epoch)
    const external = this.#keep(transport, `${from}:${internalPort}`, readU16(datagram, 6), lifetime)
    writeU16(answer, 8, internalPort)
    writeU16(answer, 10, external)
    writeU32(answer, 12, lifetime)
    return answer
  }

  #answerPcp(datagram: Uint8Array, from: string, epoch: number): Uint8Array {
    const answer = datagram.slice()
    answer[1] = datagram[1]! | 0x80
    writeU32(answer, 8, epoch)
    answer.fill(0, 12, 24)
    const isMismatch = hostFromBytes(datagram.subarray(8, 24)) !== from
    answer[3] = isMismatch ? 12 : this.refusal
    if (datagram[1] === 0) this.asked.push('pcp announce')
    if (datagram[1] !== 1) return answer
    const transport = datagram[36] === 6 ? 'tcp' : 'udp'
    const lifetime = Math.min(this.lifetime, readU32(datagram, 4))
    this.asked.push(`pcp ${transport} ${lifetime > 0 ? 'map' : 'remove'}`)
    if (answer[3] !== 0) {
      writeU32(answer, 4, 60)
      return answer
    }
    const internal = `${from}:${readU16(datagram, 40)}`
    const nonce = formatHex(datagram.subarray(24, 36))
    writeU32(answer, 4, lifetime)
    writeU16(answer, 42, this.#keep(transport, `${internal} ${nonce}`, readU16(datagram, 42), lifetime))
    answer.set(hostBytes(this.externalHost), 56)
    return answer
  }

  #keep(transport: string, internal: string, wished: number, lifetime: number): number {
    const external = this.portFor(wished)
    if (this.refusal !== 0) return 0
    if (lifetime > 0) this.mappings.set(`${transport} ${external}`, internal)
    else
      for (const [key, known] of this.mappings)
        if (key.startsWith(transport) && known === internal) this.mappings.delete(key)
    return external
  }
}

function natPmp(length: number, opcode: number, result: number, epoch: number): Uint8Array {
  const answer = new Uint8Array(length)
  answer[1] = opcode
  writeU16(answer, 2, result)
  writeU32(answer, 4, epoch)
  return answer
}
