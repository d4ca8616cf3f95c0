import { describe, expect, it } from 'vitest'
import { codeLines, sourcesOf, type Source } from './sources.js'

const adapters = ['consul', 'etcd', 'zookeeper']
const limit = 220

describe('adapters', () => {
  it.each(adapters)('%s has at most 220 lines of code beside its wire', (name) => {
    const files = beside(name).map((source) => ({ file: source.file, lines: codeLines(source) }))
    const lines = files.reduce((sum, file) => sum + file.lines, 0)
    const parts = files.map((file) => `${file.file} ${file.lines}`).join(', ')
    expect(lines, `${lines} lines: ${parts}`).toBeLessThanOrEqual(limit)
  })

  it.each(adapters)('%s sets no timer and logs nothing', (name) => {
    const banned =
      /\bsetTimeout\b|\bsetInterval\b|\bsetImmediate\b|node:timers|\bAbortSignal\.timeout\b|\bconsole\./
    expect(beside(name).filter(({ code }) => banned.test(code))).toEqual([])
  })

  it('waiting longer after each failure is written once, in core', () => {
    const all = ['core', ...adapters].flatMap(sourcesOf)
    const hits = all.filter(({ code }) => /\bnew Backoff\(|\*\* ?attempt/.test(code)).map(({ file }) => file)
    // A heart is no loop that reconnects, but a schedule: it beats sooner after a beat that failed.
    expect(hits.sort()).toEqual([
      'packages/core/src/supervise/heart.ts',
      'packages/core/src/supervise/keep-trying.ts',
    ])
  })
})

function beside(name: string): Source[] {
  return sourcesOf(name).filter(({ file }) => !file.includes('/wire/'))
}
