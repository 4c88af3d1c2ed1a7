import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LogLevel } from '../../../src/core/ports.ts'
import { LineLogger, nullLogger } from '../../../src/net/loggers.ts'

function lines(level: LogLevel | undefined, log: (logger: LineLogger) => void): string[] {
  const written: string[] = []
  const write = (line: string) => written.push(line)
  log(new LineLogger(level === undefined ? { write } : { level, write }))
  return written.map(line => line.replace(/^\S+ /, ''))
}

describe('LineLogger', () => {
  it('writes time, level, message and fields on one line', () => {
    const [line] = lines(undefined, logger => {
      logger.log('warn', 'peer left', {
        peer: '192.0.2.1:80',
        pieces: 3,
        why: 'too slow',
        error: new Error('a b'),
      })
    })
    assert.equal(line, 'warn  peer left peer=192.0.2.1:80 pieces=3 why="too slow" error="a b"\n')
  })

  it('leaves out what is below its level', () => {
    const levels: LogLevel[] = ['debug', 'info', 'warn', 'error']
    const count = (level?: LogLevel) =>
      lines(level, logger => levels.forEach(each => logger.log(each, 'x'))).length
    assert.deepEqual([count(), count('debug'), count('error')], [3, 4, 1])
  })

  it('lets nobody forge lines or speak to the terminal', () => {
    const [line] = lines(undefined, logger =>
      logger.log('info', 'a\nb\u001b[2J', { c: 'd\r\ne', f: undefined }),
    )
    assert.equal(line, 'info  a\\u{a}b\\u{1b}[2J c="d\\\\u{d}\\\\u{a}e" f=undefined\n')
  })
})

it('nullLogger says nothing', () => nullLogger.log('error', 'x'))
