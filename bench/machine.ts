import { availableParallelism, cpus, release, totalmem } from 'node:os'

/** Where figures were measured: without it they mean nothing. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGib: number
  readonly system: string
  readonly node: string
}

export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()}`,
    node: process.version,
  }
}

export function formatMachine({ cpu, cores, memoryGib, system, node }: Machine): string {
  return `${cpu}, ${cores} cores, ${memoryGib} GiB, ${system}, Node ${node}`
}
