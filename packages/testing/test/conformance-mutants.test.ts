import { afterEach, describe, expect, it } from 'vitest'
import type { Adapter } from '@rollcall/core/adapter'
import { conformanceChecks, runCheck, type Harness } from '@rollcall/testing'
import { memoryHarness } from './support/memory.js'
import { leftTimers, mutants } from './support/mutants.js'

const checks = Object.values(conformanceChecks).flat()

afterEach(() => {
  for (const timer of leftTimers.splice(0)) clearInterval(timer)
})

function asObject(adapter: Adapter): Adapter {
  return {
    name: adapter.name,
    capabilities: adapter.capabilities,
    watch: (service, signal) => adapter.watch(service, signal),
    register: (instance, ttlMs, signal) => adapter.register!(instance, ttlMs, signal),
    release: (instance, signal) => adapter.release!(instance, signal),
    watchServices: (signal) => adapter.watchServices!(signal),
    close: async (signal) => adapter.close?.(signal),
  }
}

/** The rules of the words that the adapter breaks, each with what was seen. */
async function broken(words: string, harness: Harness): Promise<string[]> {
  const messages: string[] = []
  for (const check of checks.filter(({ rule }) => rule.includes(words))) {
    await runCheck(check, harness).catch((error: Error) => messages.push(error.message))
  }
  return messages
}

describe('the conformance suite notices an adapter that', () => {
  it.each(Object.entries(mutants))('%s', async (_, { breaks, make }) => {
    expect(await broken(breaks, memoryHarness(asObject))).toEqual([])
    const harness = memoryHarness((adapter, store) => ({ ...asObject(adapter), ...make(adapter, store) }))
    const messages = await broken(breaks, harness)
    expect(messages.length).toBeGreaterThan(0)
    for (const message of messages) expect(message).not.toContain('undefined')
  })

  it('breaks any of its rules: each has a mutant', () => {
    const words = Object.values(mutants).map(({ breaks }) => breaks)
    const unproved = checks
      .map(({ rule }) => rule)
      .filter((rule) => !words.some((word) => rule.includes(word)))
    expect(unproved).toEqual([])
  })
})
